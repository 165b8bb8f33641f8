import type { Clock } from '../ports/clock.ts';
import { getBackoffMs } from '../send/retry.ts';
import type { ServerConnection } from '../server/server-connection.ts';

/** How long an attempt may take. The first one delays the end of a run. */
const MAX_DISCOVERY_MS = 10_000;
/** How long it may delay the first requests, because the plan of an upload depends on its result. */
const MAX_DELAY_MS = 3000;

/**
 * Discovers the extensions of an unknown server, so that its first upload can use them. A failed
 * attempt proves nothing, so another one follows while the run lasts.
 */
export class Discovery {
  readonly #clock: Clock;
  readonly #server: ServerConnection;
  readonly #onResult: () => void;
  readonly #ended = new AbortController();
  #retry = new AbortController();
  #isAsking = false;
  /** In ticks. */
  #delaysUntil = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #isPending = true;

  /** @param onResult called after each attempt. */
  constructor(clock: Clock, server: ServerConnection, onResult: () => void) {
    this.#clock = clock;
    this.#server = server;
    this.#onResult = onResult;
  }

  /** Whether the run should last until the present attempt has ended. */
  get isPending(): boolean {
    return this.#isPending || this.delaysRequests;
  }

  /** Whether the first requests should wait for the result. */
  get delaysRequests(): boolean {
    return this.#isAsking && this.#clock.ticks() < this.#delaysUntil && !this.#server.isDiscovered;
  }

  /** Asks an unknown server, and lets requests wait for the result. */
  start(remainingMs: number): void {
    this.#retry.abort();
    if (this.#isAsking) return;
    if (this.#server.isDiscovered) {
      this.skip();
      return;
    }
    this.#delaysUntil = this.#clock.ticks() + MAX_DELAY_MS;
    void this.#ask(remainingMs);
  }

  /** Does not delay the end of the run. */
  skip(): void {
    this.#isPending = false;
  }

  stop(): void {
    this.#ended.abort();
    this.#retry.abort();
  }

  async #ask(remainingMs: number): Promise<void> {
    this.#isAsking = true;
    const timeout = AbortSignal.timeout(Math.max(0, Math.min(MAX_DISCOVERY_MS, remainingMs)));
    const isDone = await this.#server.discover(AbortSignal.any([this.#ended.signal, timeout])).then(
      () => true,
      // The uploads fail for the same reason and report it.
      () => false,
    );
    this.#isAsking = false;
    this.#isPending = false;
    this.#onResult();
    if (!isDone && !this.#ended.signal.aborted) await this.#askAgain();
  }

  /** No request waits for later attempts: a server may have no route that lists its features. */
  async #askAgain(): Promise<void> {
    this.#retry = new AbortController();
    const delayMs = getBackoffMs(++this.#failures, 1);
    await this.#clock.sleep(delayMs, this.#retry.signal).catch(() => undefined);
    if (!this.#retry.signal.aborted && !this.#server.isDiscovered) await this.#ask(MAX_DISCOVERY_MS);
  }
}
