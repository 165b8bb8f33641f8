import * as v from 'valibot';
import type { BackgroundFetchUIOptions } from '../shared/background-fetch.ts';
import { MAX_CHUNK_BYTES } from '../shared/chunks.ts';
import type { Credentials } from '../shared/db/settings.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import type { Endpoint } from '../shared/endpoint.ts';
import { hasEqualJson } from '../shared/equal-json.ts';
import { UploadError } from '../shared/errors.ts';
import type { NotificationTexts } from '../shared/notification-texts.ts';
import type { Upload } from '../shared/upload.ts';

/** The options of a client. Most pages need only `endpoint` and `getCredentials`. */
export interface ClientOptions {
  /** Base URL of the API, absolute or relative to the page. Default: `/api`. */
  readonly endpoint?: string;
  /** Base URL for upload requests alone. Default: `endpoint`. */
  readonly uploadEndpoint?: string;
  /**
   * URL where the worker renews credentials while no tab is open: `{user_id, token}` for a POST
   * with cookies.
   */
  readonly refreshEndpoint?: string | null;
  /**
   * The most chunks in flight over all uploads, an integer from 1. Default: the worker
   * measures the best number, from 4 on.
   */
  readonly concurrency?: number;
  /** The largest chunk, an integer from 1 to 52,428,800 bytes (50 MiB). Default: 50 MiB. */
  readonly chunkBytes?: number;
  /** Whether chunks carry their SHA-256 if the server checks it. Default: true. */
  readonly digests?: boolean;
  /** Title and icons that the browser shows of a Background Fetch. Default: the page's title. */
  readonly backgroundFetchUi?: (uploads: readonly Upload[]) => BackgroundFetchUIOptions;
  /** The words of notifications, which the worker shows while no page is open. Default: English. */
  readonly notificationTexts?: NotificationTexts;
  /** Called when the server refuses the access token; null if the user has to sign in. */
  readonly getCredentials?: () => Promise<Credentials | null>;
  /** The worker's script. Default: `/sw.js`. */
  readonly workerUrl?: string;
  /** Default: `classic`. */
  readonly workerType?: WorkerType;
}

const positiveInteger = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const numericOptions = v.object({
  concurrency: v.optional(positiveInteger),
  chunkBytes: v.optional(v.pipe(positiveInteger, v.maxValue(MAX_CHUNK_BYTES))),
});

/**
 * Rejects numbers that would stop all sending or make stored plans unreadable.
 *
 * @throws UploadError `invalid_option`.
 */
export function checkOptions(options: ClientOptions): void {
  const { issues: [issue] = [] } = v.safeParse(numericOptions, options);
  if (!issue) return;
  throw new UploadError('invalid_option', `The option ${v.getDotPath(issue)} cannot be used. ${issue.message}.`);
}

/** Stores the options that the worker needs. If they are stored already, this only reads. */
export async function storeOptions(db: UploadsDb, options: ClientOptions): Promise<void> {
  const [before] = await Promise.all([
    db.settings.getEndpoint(),
    options.notificationTexts && storeNotificationTexts(db, options.notificationTexts),
  ]);
  const endpoint = createEndpoint(options);
  if (!hasEqualJson(before, endpoint)) await storeEndpoint(db, before, endpoint);
}

/** Stores the words of notifications, unless they are stored already. */
export async function storeNotificationTexts(db: UploadsDb, texts: NotificationTexts): Promise<void> {
  if (!hasEqualJson(await db.settings.get('notificationTexts'), texts))
    await db.settings.set('notificationTexts', texts);
}

/** The endpoint for the worker: with absolute URLs and every default. */
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

/**
 * Stores the endpoint. The user of another origin is forgotten first, because this server must
 * receive neither credentials nor uploads of that user.
 */
async function storeEndpoint(db: UploadsDb, before: Endpoint | null, endpoint: Endpoint): Promise<void> {
  if (before && getOrigins(before) !== getOrigins(endpoint)) await db.settings.forgetUser();
  await db.settings.setEndpoint(endpoint);
}

function getOrigins({ api, uploads }: Endpoint): string {
  return [api, uploads].map((url) => new URL(url).origin).join(' ');
}

function toAbsoluteUrl(url: string): string {
  return new URL(url, location.href).href.replace(/\/$/, '');
}
