import type { Entry } from './race/race.ts';

/** The built app. */
export const APP = { kind: 'app', name: 'app' } as const satisfies Entry;
/** The app without the SHA-256 of each chunk, to measure its cost. */
export const NO_DIGESTS = { ...APP, name: 'app, no digests', settings: { digests: false } } as const satisfies Entry;
/** The app with all files in one batch. */
export const ONE_BATCH: Entry = { ...APP, name: 'app, one batch', asOneBatch: true };
/** The in-page uploader that this project replaces. */
export const POOL: Entry = { kind: 'script', name: 'in-page pool', script: 'simple', client: 'pool' };
/** A whole file in one request, without resume. */
export const SINGLE_REQUEST: Entry = { kind: 'script', name: 'one request', script: 'simple', client: 'singleRequest' };

/** Simple clients of the reference server. */
export const REFERENCE_CLIENTS: readonly Entry[] = [
  { kind: 'script', name: 'serial', script: 'simple', client: 'serial' },
  POOL,
  SINGLE_REQUEST,
];

/** A tus client with four parts in parallel. */
export const TUS: Entry = { kind: 'script', name: 'tus-js-client', script: 'peers', client: 'tusClient' };

/** Other clients, against the sink. */
export const PEER_CLIENTS: readonly Entry[] = [
  TUS,
  { kind: 'script', name: 'tus-js-client, unchunked', script: 'peers', client: 'tusUnchunked' },
  { kind: 'script', name: 'Uppy 6 tus', script: 'peers', client: 'uppyTus' },
  { kind: 'script', name: 'Uppy 6 S3', script: 'peers', client: 'uppyS3' },
  { kind: 'script', name: 'Uppy 5 S3', script: 'peers', client: 'uppy5S3' },
];

/** The same clients with their settings for flaky links. */
export const RESUMABLE_PEERS: readonly Entry[] = [
  { kind: 'script', name: 'tus-js-client, one PATCH', script: 'peers', client: 'tusOnePatch' },
  { kind: 'script', name: 'tus-js-client, 4 parallel', script: 'peers', client: 'tusFourParts' },
  { kind: 'script', name: 'Uppy 6 tus', script: 'peers', client: 'uppyTusOnePatch' },
  { kind: 'script', name: 'Uppy 6 S3', script: 'peers', client: 'uppyS3Parts' },
];
