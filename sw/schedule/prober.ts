import { UploadError } from '../../src/shared/errors.ts';
import type { ServerConnection } from '../server/server-connection.ts';

/** A probe of a link that loses all packets gets no answer at all. */
const PROBE_TIMEOUT_MS = 5000;

/** Probes a link that has failed, one request at a time, until the server can be reached again. */
export class Prober {
  readonly #server: Pick<ServerConnection, 'link' | 'transport'>;
  readonly #onResult: () => void;
  readonly #ended = new AbortController();
  #isProbing = false;

  /** @param onResult called after each probe. */
  constructor(server: Pick<ServerConnection, 'link' | 'transport'>, onResult: () => void) {
    this.#server = server;
    this.#onResult = onResult;
  }

  /** Ms until the next probe starts, or until the present one ends; infinite if the link works. */
  get dueInMs(): number {
    if (!this.#server.link.isSuspect) return Number.POSITIVE_INFINITY;
    return this.#isProbing ? PROBE_TIMEOUT_MS : this.#server.link.probeInMs;
  }

  /** Starts a probe if one is due. */
  start(): void {
    if (this.dueInMs <= 0) void this.#probe();
  }

  /** Aborts the probe in flight. */
  stop(): void {
    this.#ended.abort();
  }

  async #probe(): Promise<void> {
    const { link, transport } = this.#server;
    this.#isProbing = true;
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
    await transport.probe(signal).then(
      () => link.onResponse(),
      (error: unknown) => link.onProbeFailed(toUploadError(error)),
    );
    this.#isProbing = false;
    this.#onResult();
  }
}

function toUploadError(error: unknown): UploadError {
  if (error instanceof UploadError) return error;
  return new UploadError('network', 'The server could not be reached.', { cause: error });
}
