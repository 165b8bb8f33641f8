import * as v from 'valibot';
import type { CarrierLook } from '../shared/carrier.ts';
import { CHUNK_BYTES } from '../shared/chunks.ts';
import type { Endpoint } from '../shared/endpoint.ts';
import { UploadError } from '../shared/errors.ts';
import type { Token } from '../shared/settings.ts';
import type { TidingsWords } from '../shared/tidings.ts';
import type { Upload } from '../shared/upload.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';

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
  readonly carrierLook?: (uploads: readonly Upload[]) => CarrierLook;
  /** What the worker says where no page is open and the user has allowed notifications; English unless given. */
  readonly tidings?: TidingsWords;
  /** Asked when the server no longer takes the token. */
  readonly getAccessToken?: () => Promise<Token | null>;
  /** Where the worker's script lies; `/sw.js` unless given. */
  readonly workerUrl?: string;
  readonly workerType?: WorkerType;
}

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const numbers = v.object({
  concurrency: v.optional(whole),
  chunkBytes: v.optional(v.pipe(whole, v.maxValue(CHUNK_BYTES))),
});

/**
 * Refuses what would have nothing sent, or get into plans that are stored, where every reading of them would fail.
 *
 * @throws UploadError `bad_option`.
 */
export function checkOptions(options: ClientOptions): void {
  const { issues: [issue] = [] } = v.safeParse(numbers, options);
  if (issue) throw new UploadError('bad_option', `The option ${v.getDotPath(issue)} cannot be used. ${issue.message}.`);
}

/** Stores what the worker has to know of the options; mostly it is there already, and a page waits for nothing then. */
export async function storeOptions(db: UploadsDb, options: ClientOptions): Promise<void> {
  const [endpoint] = await Promise.all([db.settings.endpoint(), options.tidings && storeTidings(db, options.tidings)]);
  const wanted = endpointOf(options);
  if (!isSame(endpoint, wanted)) await setEndpoint(db, endpoint, wanted);
}

/** Stores what the worker says while no page is open. */
export async function storeTidings(db: UploadsDb, tidings: TidingsWords): Promise<void> {
  if (!isSame(await db.settings.noted('tidings'), tidings)) await db.settings.note('tidings', tidings);
}

/** The options as the worker needs them: absolute, with nothing left open. */
function endpointOf(options: ClientOptions): Endpoint {
  const api = absolute(options.endpoint ?? '/api');
  return {
    api,
    uploads: options.uploadEndpoint ? absolute(options.uploadEndpoint) : api,
    refresh: options.refreshEndpoint ? absolute(options.refreshEndpoint) : null,
    concurrency: options.concurrency ?? null,
    chunkBytes: options.chunkBytes ?? CHUNK_BYTES,
    digests: options.digests ?? true,
  };
}

/** Stores where to send; a token that was given for another server is forgotten first, because this one must not see it. */
async function setEndpoint(db: UploadsDb, before: Endpoint | null, endpoint: Endpoint): Promise<void> {
  if (before && originsOf(before) !== originsOf(endpoint)) await db.settings.setToken(null);
  await db.settings.setEndpoint(endpoint);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function originsOf({ api, uploads }: Endpoint): string {
  return [api, uploads].map((url) => new URL(url).origin).join(' ');
}

function absolute(url: string): string {
  return new URL(url, location.href).href.replace(/\/$/, '');
}
