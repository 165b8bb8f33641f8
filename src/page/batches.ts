import * as v from 'valibot';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadError } from '../shared/errors.ts';
import { createResponseError, readJson } from '../shared/http/responses.ts';

const fileSchema = v.object({
  name: v.string(),
  path: v.optional(v.nullable(v.string())),
  size_bytes: v.number(),
  sha256: v.nullable(v.string()),
});
const filesSchema = v.object({ files: v.array(fileSchema) });
const batchSchema = v.object({ batch_id: v.string(), file_count: v.optional(v.number()), ...filesSchema.entries });

/** A file of a batch. `sha256` is null until the server has read the whole file. */
export type BatchFile = v.InferOutput<typeof fileSchema>;

/**
 * A batch as the server describes it: with all of its files, or with the first ones and
 * `file_count`.
 */
export type BatchView = v.InferOutput<typeof batchSchema>;

/**
 * The signed-in user's batches, on servers that list them.
 *
 * Every method throws UploadError `refused` if the server does not, `no_token`, and the codes of a
 * server that gives no answer: `network`, `network_sign_in`, `gateway_error` and `server_busy`.
 */
export class Batches {
  readonly #db: UploadsDb;
  readonly #renewCredentials: () => Promise<void>;

  /** @param renewCredentials replaces an expired access token. */
  constructor(db: UploadsDb, renewCredentials: () => Promise<void>) {
    this.#db = db;
    this.#renewCredentials = renewCredentials;
  }

  /** Reads one batch; throws UploadError `bad_response` too. */
  async get(batchId: string): Promise<BatchView> {
    return parseJson(batchSchema, await this.#fetch(createBatchPath(batchId)));
  }

  /** Reads at most `limit` files of a batch from a position on; throws UploadError like `get`. */
  async listFiles(batchId: string, from: number, limit: number): Promise<BatchFile[]> {
    const query = new URLSearchParams({ from: String(from), limit: String(limit) });
    return (await parseJson(filesSchema, await this.#fetch(`${createBatchPath(batchId)}/files?${query}`))).files;
  }

  /** Downloads the file at position `n` of a batch, counted from 0. */
  async download(batchId: string, n: number): Promise<Blob> {
    return (await this.#fetch(`${createBatchPath(batchId)}/files/${n}`)).blob();
  }

  async #fetch(path: string): Promise<Response> {
    let result = await this.#request(path);
    if (result instanceof UploadError && result.code === 'unauthorized') {
      // An access token is valid for minutes, a page stays open for hours.
      await this.#renewCredentials();
      result = await this.#request(path);
    }
    if (result instanceof UploadError) throw toRefusal(result);
    return result;
  }

  /** The response, or the error that it describes. */
  async #request(path: string): Promise<Response | UploadError> {
    const { settings } = this.#db;
    const [endpoint, credentials] = await Promise.all([settings.getEndpoint(), settings.getCredentials()]);
    if (!endpoint || !credentials) throw new UploadError('no_token', 'Please sign in.');
    const headers = { Authorization: `Bearer ${credentials.accessToken}` };
    // To follow a redirect would send the access token to a host that is not configured.
    const request = fetch(`${endpoint.api}${path}`, { headers, redirect: 'manual' });
    const response = await request.catch(throwUnreachable);
    if (response.ok) return response;
    return createResponseError(response, await readJson(response).catch(throwUnreachable));
  }
}

/** Only the API itself refuses: a proxy is busy, down, or asks for a sign-in. */
function toRefusal(error: UploadError): UploadError {
  const { code, status } = error;
  if (code === 'server_busy' || code === 'gateway_error' || code === 'network_sign_in') return error;
  const message = status === 404 ? 'Not found on this server.' : `The server refused this request (${status}).`;
  return new UploadError('refused', message, { ...(status !== undefined && { status }) });
}

function throwUnreachable(cause: unknown): never {
  throw new UploadError('network', 'The server could not be reached. Check the network and try again.', { cause });
}

async function parseJson<T>(schema: v.GenericSchema<unknown, T>, response: Response): Promise<T> {
  const parsed = v.safeParse(schema, await response.json().catch(() => null));
  if (parsed.success) return parsed.output;
  throw new UploadError('bad_response', 'Unexpected response from the server. Try again later.');
}

function createBatchPath(batchId: string): string {
  return `/batches/${encodeURIComponent(batchId)}`;
}
