import type { Entry } from './race/race.ts';

/** The built app. */
export const APP = { kind: 'app', name: 'app' } as const satisfies Entry;
/** The app without the SHA-256 of each chunk, to measure its cost. */
export const NO_DIGESTS = { ...APP, name: 'app, no digests', settings: { digests: false } } as const satisfies Entry;
/** The original design. */
export const POOL: Entry = { kind: 'way', name: 'original pool', script: 'original', way: 'pool' };
/** A whole file in one request, without resume. */
export const SINGLE_REQUEST: Entry = { kind: 'way', name: 'one request', script: 'original', way: 'one' };

/** Simple clients of the reference server. */
export const REFERENCE_CLIENTS: readonly Entry[] = [
  { kind: 'way', name: 'serial', script: 'original', way: 'serial' },
  POOL,
  SINGLE_REQUEST,
];

/** Other clients, against the sink. */
export const PEER_CLIENTS: readonly Entry[] = [
  { kind: 'way', name: 'tus-js-client', script: 'peers', way: 'tusClient' },
  { kind: 'way', name: 'tus-js-client, unchunked', script: 'peers', way: 'tusUnchunked' },
  { kind: 'way', name: 'Uppy 6 tus', script: 'peers', way: 'uppyTus' },
  { kind: 'way', name: 'Uppy 6 S3', script: 'peers', way: 'uppyS3' },
  { kind: 'way', name: 'Uppy 5 S3', script: 'peers', way: 'uppy5S3' },
];
