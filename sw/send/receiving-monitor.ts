import type { Clock } from '../ports/clock.ts';
import type { Tabs } from '../ports/ports.ts';
import type { Transport } from '../ports/transport.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import type { Pipeline } from './pipeline.ts';
import type { Reporter } from './reporter.ts';

/** A chunk that is acknowledged sooner, in ms, shows its progress well enough. */
const LONG_REQUEST_MS = 3000;
/** The same before a rate is measured: until then nothing is estimated between two responses. */
const FIRST_REQUEST_MS = 1500;
/** From one request to the next, in ms. */
const INTERVAL_MS = 1500;
/** After a request that failed, in ms. */
const PAUSE_MS = 3000;
/** A later response, in ms, would say nothing about now. */
const TIMEOUT_MS = 5000;

interface ReceivingMonitorDependencies {
  readonly clock: Clock;
  readonly tabs: Tabs;
  readonly server: Pick<ServerConnection, 'capabilities' | 'credentials'> & {
    readonly transport: Pick<Transport, 'readReceiving'>;
  };
  readonly reporter: Reporter;
  readonly isLinkUp: () => boolean;
  /** Called after each response. */
  readonly onNews: () => void;
}

/**
 * Asks the server what it has of the chunks in flight, because fetch reports no upload progress.
 * Only while a visible tab shows it, and with one request at a time.
 */
export class ReceivingMonitor {
  readonly #dependencies: ReceivingMonitorDependencies;
  readonly #stopped = new AbortController();
  /** In ticks. */
  #nextAt = 0;
  #isAsking = false;

  constructor(dependencies: ReceivingMonitorDependencies) {
    this.#dependencies = dependencies;
  }

  /** Starts a round of requests if one is due. Does not wait for it. */
  check(pipelines: readonly Pipeline[]): void {
    const { clock, server, isLinkUp } = this.#dependencies;
    if (this.#isAsking || clock.ticks() < this.#nextAt || !server.capabilities.reportsReceiving || !isLinkUp()) return;
    const long = pipelines.filter((pipeline) => this.#hasLongRequest(pipeline));
    if (long.length > 0) void this.#askForAll(long);
  }

  /** Aborts the request in flight. */
  stop(): void {
    this.#stopped.abort();
  }

  #hasLongRequest({ flights, outcome }: Pipeline): boolean {
    if (outcome) return false;
    const { clock, reporter } = this.#dependencies;
    const since = clock.ticks() - (reporter.hasRate ? LONG_REQUEST_MS : FIRST_REQUEST_MS);
    return [...flights.values()].some(
      ({ job, startedAt }) => job.kind === 'send' && !job.isBundled && startedAt <= since,
    );
  }

  async #askForAll(pipelines: readonly Pipeline[]): Promise<void> {
    const { clock, tabs } = this.#dependencies;
    this.#isAsking = true;
    this.#nextAt = clock.ticks() + INTERVAL_MS;
    try {
      if (!(await tabs.hasVisible())) return;
      for (const pipeline of pipelines) await this.#ask(pipeline);
    } catch {
      // The requests of the uploads report the failure.
      this.#nextAt = clock.ticks() + PAUSE_MS;
    } finally {
      this.#isAsking = false;
    }
  }

  async #ask(pipeline: Pipeline): Promise<void> {
    const { server, reporter, onNews } = this.#dependencies;
    const { upload, inFlight, outcome } = pipeline;
    if (outcome) return;
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const { accessToken } = server.credentials;
    const received = await server.transport.readReceiving(upload, inFlight, { accessToken, signal });
    reporter.onReceiving(pipeline, received);
    onNews();
  }
}
