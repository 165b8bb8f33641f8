import * as v from 'valibot';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadError } from '../shared/errors.ts';
import { createResponseError, readJson } from '../shared/http/responses.ts';

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
   * @throws UploadError `refused` with the status and the code of the server, `no_token`, and the
   *   codes of a server that gives no answer: `network`, `network_sign_in`, `gateway_error` and
   *   `server_busy`.
   */
  async send(path: string, { method = 'GET', body }: { method?: string; body?: unknown } = {}): Promise<Response> {
    const init = {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    };
    let result = await this.#request(path, init);
    if (result instanceof UploadError && result.code === 'unauthorized') {
      // An access token is valid for minutes, a page stays open for hours.
      await this.#renewCredentials();
      result = await this.#request(path, init);
    }
    if (result instanceof UploadError) throw toRefusal(result);
    return result;
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

  /** The response, or the error that it describes. */
  async #request(path: string, init: RequestInit): Promise<Response | UploadError> {
    const { settings } = this.#db;
    const [endpoint, credentials] = await Promise.all([settings.getEndpoint(), settings.getCredentials()]);
    if (!endpoint || !credentials) throw new UploadError('no_token', 'Please sign in.');
    const headers = { ...init.headers, Authorization: `Bearer ${credentials.accessToken}` };
    // To follow a redirect would send the access token to a host that is not configured.
    const request = fetch(`${endpoint.api}${path}`, { ...init, headers, redirect: 'manual' });
    const response = await request.catch(throwUnreachable);
    if (response.ok) return response;
    return createResponseError(response, await readJson(response).catch(throwUnreachable));
  }
}

/** Only the API itself refuses: a proxy is busy, down, or asks for a sign-in. */
function toRefusal(error: UploadError): UploadError {
  const { code, status, serverCode, message } = error;
  if (code === 'server_busy' || code === 'gateway_error' || code === 'network_sign_in') return error;
  const details = { ...(status !== undefined && { status }), ...(serverCode !== undefined && { serverCode }) };
  const own = status === 404 ? 'Not found on this server.' : `The server refused this request (${status}).`;
  return new UploadError('refused', serverCode === undefined ? own : message, details);
}

function throwUnreachable(cause: unknown): never {
  throw new UploadError('network', 'The server could not be reached. Check the network and try again.', { cause });
}
