import type { ReactiveControllerHost } from 'lit';
import { type ServerProblem, UploadError } from '../../page/index.ts';

/**
 * The sign-in of a network or proxy that answers instead of the server. Behind it, the app cannot
 * sign in, and the user of the last visit stays.
 */
export class NetworkGate {
  readonly #host: Pick<ReactiveControllerHost, 'requestUpdate'>;
  #problem: ServerProblem | null = null;

  constructor(host: Pick<ReactiveControllerHost, 'requestUpdate'>) {
    this.#host = host;
  }

  /** The problem if the gate answered the last sign-in, otherwise null. */
  get problem(): ServerProblem | null {
    return this.#problem;
  }

  /** Signs in with the server, and notices whether the gate answers. */
  async pass(signIn: () => Promise<void>): Promise<void> {
    try {
      await signIn();
      this.#problem = null;
    } catch (error) {
      if (!(error instanceof UploadError && error.code === 'network_sign_in')) throw error;
      this.#problem = { code: error.code, message: error.message, nextAttemptAt: null };
    }
    this.#host.requestUpdate();
  }
}

/**
 * Throws if a response comes from the gate. The server itself redirects nothing, and its 401 has
 * the JSON of the API, which the caller reads first.
 *
 * @throws UploadError `network_sign_in`.
 */
export function checkGate({ type, status }: Response): void {
  if (type !== 'opaqueredirect' && status !== 401) return;
  throw new UploadError('network_sign_in', 'Your network asks you to sign in.');
}
