import type { Clock } from '../ports/clock.ts';
import type { ServerConnection } from '../server/server-connection.ts';

/** How long the discovery of an unknown server may delay the end of a run. */
const MAX_DISCOVERY_MS = 10_000;
/** How long it may delay the first request, because the plan of an upload depends on its result. */
const MAX_DELAY_MS = 2000;

/** Discovers the extensions of an unknown server, so that its first upload can use them. */
export class Discovery {
  readonly #clock: Clock;
  readonly #server: ServerConnection;
  readonly #startedAt: number;
  #isPending = true;

  constructor(clock: Clock, server: ServerConnection) {
    this.#clock = clock;
    this.#server = server;
    this.#startedAt = clock.ticks();
  }

  get isPending(): boolean {
    return this.#isPending;
  }

  /** Whether the first request should wait for the result. */
  get delaysRequests(): boolean {
    const isEarly = this.#clock.ticks() - this.#startedAt < MAX_DELAY_MS;
    return this.#isPending && isEarly && !this.#server.isDiscovered;
  }

  /** Ignores a failure: the upload fails for the same reason and reports it. */
  async run(remainingMs: number): Promise<void> {
    const timeout = AbortSignal.timeout(Math.max(0, Math.min(MAX_DISCOVERY_MS, remainingMs)));
    await this.#server.discover(timeout).catch(() => undefined);
    this.#isPending = false;
  }

  skip(): void {
    this.#isPending = false;
  }
}
