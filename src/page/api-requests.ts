import * as v from 'valibot';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadError } from '../shared/errors.ts';

const errorSchema = v.object({ error: v.string(), message: v.string() });

/** Requests of the page to the API, with the credentials of the signed-in user. */
export class ApiRequests {
  readonly #db: UploadsDb;
  readonly #renewCredentials: () => Promise<void>;

  /** @param renewCredentials replaces an expired access token. */
  constructor(db: UploadsDb, renewCredentials: () => Promise<void>) {
    this.#db = db;
    this.#renewCredentials = renewCredentials;
  }

  /**
   * Sends a request and renews the access token once if it has expired.
   *
   * @param path relative to the endpoint.
   * @param body is sent as JSON.
   * @returns a successful response.
   * @throws UploadError `refused` with the status and the code of the server, `network`,
   *   `no_token`.
   */
  async send(path: string, { method = 'GET', body }: { method?: string; body?: unknown } = {}): Promise<Response> {
    const init = {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    };
    let response = await this.#request(path, init);
    if (response.status === 401) {
      // An access token is valid for minutes, a page stays open for hours.
      await this.#renewCredentials();
      response = await this.#request(path, init);
    }
    if (response.ok) return response;
    throw await createError(response);
  }

  /**
   * Sends a request and reads its JSON.
   *
   * @throws UploadError as `send`, and `bad_response` if the JSON does not match the schema.
   */
  async read<T>(
    schema: v.GenericSchema<unknown, T>,
    path: string,
    init?: { method?: string; body?: unknown },
  ): Promise<T> {
    const response = await this.send(path, init);
    // A captive portal answers 200 with HTML.
    const result = v.safeParse(schema, await response.json().catch(() => null));
    if (result.success) return result.output;
    throw new UploadError('bad_response', 'Unexpected response from the server. Try again later.');
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    const { settings } = this.#db;
    const [endpoint, credentials] = await Promise.all([settings.getEndpoint(), settings.getCredentials()]);
    if (!endpoint || !credentials) throw new UploadError('no_token', 'Please sign in.');
    const headers = { ...init.headers, Authorization: `Bearer ${credentials.accessToken}` };
    // A redirect would send the access token to a host that is not configured.
    return fetch(`${endpoint.api}${path}`, { ...init, headers, redirect: 'error' }).catch((cause: unknown) => {
      const message = 'The server could not be reached. Check the network and try again.';
      throw new UploadError('network', message, { cause });
    });
  }
}

async function createError(response: Response): Promise<UploadError> {
  const { status } = response;
  const result = v.safeParse(errorSchema, await response.json().catch(() => null));
  const serverCode = result.success ? result.output.error : undefined;
  const own = status === 404 ? 'Not found on this server.' : `The server refused this request (${status}).`;
  const message = result.success ? result.output.message : own;
  return new UploadError('refused', message, { status, ...(serverCode !== undefined && { serverCode }) });
}
