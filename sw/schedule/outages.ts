import type { DriverDependencies } from '../ports/ports.ts';
import type { Reporter } from '../send/reporter.ts';
import type { Sender } from '../send/sender.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { LinkReport } from './link-report.ts';
import { PostponedUploads } from './postponed-uploads.ts';
import { Prober } from './prober.ts';
import type { UploadScheduler } from './upload-scheduler.ts';

interface OutagesDependencies extends Pick<DriverDependencies, 'db' | 'clock' | 'tabs'> {
  readonly server: ServerConnection;
  readonly sender: Sender;
  readonly reporter: Reporter;
  readonly scheduler: UploadScheduler;
  /** Called after each probe. */
  readonly onProbed: () => void;
}

/** Probes a link that has failed. In a long outage the open uploads wait for its end. */
export class Outages {
  readonly #deps: OutagesDependencies;
  readonly #prober: Prober;
  readonly #report: LinkReport;
  readonly #postponed: PostponedUploads;

  constructor(deps: OutagesDependencies) {
    this.#deps = deps;
    this.#prober = new Prober(deps.server, () => this.#onProbed());
    this.#report = new LinkReport(deps.server.link, deps.tabs);
    this.#postponed = new PostponedUploads(deps.db, deps.sender, deps.reporter);
  }

  /** Ms until the next probe starts, or until the present one ends; infinite if the link works. */
  get probeInMs(): number {
    return this.#prober.dueInMs;
  }

  async tend(): Promise<void> {
    const { server, scheduler } = this.#deps;
    const { failure, isOutageLong } = server.link;
    await this.#report.update();
    if (failure && isOutageLong) await this.#postponed.addAll(scheduler.pipelines.all(), failure);
    if (!failure) await this.#postponed.requeueAll((id) => scheduler.hint(id));
    this.#prober.start();
  }

  /** A tab may be new, and the network may have changed. */
  refresh(): void {
    this.#deps.server.link.onNetworkChange();
    this.#report.repeat();
  }

  stop(): void {
    this.#prober.stop();
  }

  #onProbed(): void {
    const { server, scheduler, clock, onProbed } = this.#deps;
    server.meter.skipStall(clock.ticks());
    if (server.link.isDown) for (const pipeline of scheduler.pipelines.all()) pipeline.attempts.forgive();
    onProbed();
  }
}
