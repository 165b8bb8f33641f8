import * as v from 'valibot';
import type { BackgroundFetchUIOptions } from '../shared/background-fetch.ts';
import { MAX_CHUNK_BYTES } from '../shared/chunks.ts';
import type { Credentials } from '../shared/db/settings.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import type { Endpoint } from '../shared/endpoint.ts';
import { UploadError } from '../shared/errors.ts';
import type { NotificationTexts } from '../shared/notification-texts.ts';
import type { Upload } from '../shared/upload.ts';

/** How uploads reach a server; only `endpoint` is mostly needed. */
export interface ClientOptions {
  /** Base URL of the API, absolute or relative to the page; `/api` unless given. */
  readonly endpoint?: string;
  /** Another base URL for the upload requests alone. */
  readonly uploadEndpoint?: string;
  /** URL that answers `{user_id, token}` to a POST with cookies, for the worker while no tab is open. */
  readonly refreshEndpoint?: string | null;
  /** The most chunks in flight at once, over all uploads, a whole number from 1 on; found out unless given, from 4 on. */
  readonly concurrency?: number;
  /** The largest chunk, in whole bytes from 1 to 50 MiB, which it is unless given. */
  readonly chunkBytes?: number;
  /** Whether chunks carry their SHA-256 where the server checks it; true unless given. */
  readonly digests?: boolean;
  /** What the browser shows while it carries uploads itself. */
  readonly backgroundFetchUi?: (uploads: readonly Upload[]) => BackgroundFetchUIOptions;
  /** What the worker says where no page is open and the user has allowed notifications; English unless given. */
  readonly notificationTexts?: NotificationTexts;
  /** Asked when the server no longer takes the token. */
  readonly getCredentials?: () => Promise<Credentials | null>;
  /** Where the worker's script lies; `/sw.js` unless given. */
  readonly workerUrl?: string;
  readonly workerType?: WorkerType;
}

const positiveInteger = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const numericOptions = v.object({
  concurrency: v.optional(positiveInteger),
  chunkBytes: v.optional(v.pipe(positiveInteger, v.maxValue(MAX_CHUNK_BYTES))),
});

/**
 * Refuses what would have nothing sent, or get into plans that are stored, where every reading of them would fail.
 *
 * @throws UploadError `bad_option`.
 */
export function checkOptions(options: ClientOptions): void {
  const { issues: [issue] = [] } = v.safeParse(numericOptions, options);
  if (issue)
    throw new UploadError('invalid_option', `The option ${v.getDotPath(issue)} cannot be used. ${issue.message}.`);
}

/** Stores what the worker has to know of the options; mostly it is there already, and a page waits for nothing then. */
export async function storeOptions(db: UploadsDb, options: ClientOptions): Promise<void> {
  const [endpoint] = await Promise.all([
    db.settings.getEndpoint(),
    options.notificationTexts && storeNotificationTexts(db, options.notificationTexts),
  ]);
  const wanted = createEndpoint(options);
  if (!isEqual(endpoint, wanted)) await storeEndpoint(db, endpoint, wanted);
}

/** Stores what the worker says while no page is open. */
export async function storeNotificationTexts(db: UploadsDb, tidings: NotificationTexts): Promise<void> {
  if (!isEqual(await db.settings.get('notificationTexts'), tidings))
    await db.settings.set('notificationTexts', tidings);
}

/** The options as the worker needs them: absolute, with nothing left open. */
function createEndpoint(options: ClientOptions): Endpoint {
  const api = toAbsoluteUrl(options.endpoint ?? '/api');
  return {
    api,
    uploads: options.uploadEndpoint ? toAbsoluteUrl(options.uploadEndpoint) : api,
    refresh: options.refreshEndpoint ? toAbsoluteUrl(options.refreshEndpoint) : null,
    concurrency: options.concurrency ?? null,
    chunkBytes: options.chunkBytes ?? MAX_CHUNK_BYTES,
    digests: options.digests ?? true,
  };
}

/** Stores where to send; a token that was given for another server is forgotten first, because this one must not see it. */
async function storeEndpoint(db: UploadsDb, before: Endpoint | null, endpoint: Endpoint): Promise<void> {
  if (before && getOrigins(before) !== getOrigins(endpoint)) await db.settings.setCredentials(null);
  await db.settings.setEndpoint(endpoint);
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function getOrigins({ api, uploads }: Endpoint): string {
  return [api, uploads].map((url) => new URL(url).origin).join(' ');
}

function toAbsoluteUrl(url: string): string {
  return new URL(url, location.href).href.replace(/\/$/, '');
}
