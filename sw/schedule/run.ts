import type { DriverDependencies } from '../ports/ports.ts';
import type { Job } from '../send/jobs.ts';
import { settle } from '../send/outcome.ts';
import type { Pipeline } from '../send/pipeline.ts';
import { ReceivingMonitor } from '../send/receiving-monitor.ts';
import { Reporter } from '../send/reporter.ts';
import { Sender } from '../send/sender.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { Bundles } from './bundles.ts';
import { Discovery } from './discovery.ts';
import { countBytes, Launcher } from './launcher.ts';
import { Outages } from './outages.ts';
import { restartSlowUploads, restartWithSmallerChunks } from './plan-restarts.ts';
import { Pool } from './pool.ts';
import { UploadScheduler } from './upload-scheduler.ts';
import type { DriveResult } from './wake.ts';
import { WakeSignal } from './wake-signal.ts';

const POLL_MS = 1000;
const RELEASE_POLL_MS = 20;

/** One pass over the uploads of the signed-in user, until no work is left before the deadline. */
export class Run {
  readonly #deps: DriverDependencies;
  readonly #server: ServerConnection;
  readonly #sender: Sender;
  readonly #reporter: Reporter;
  readonly #receiving: ReceivingMonitor;
  readonly #pool: Pool;
  readonly #scheduler: UploadScheduler;
  readonly #wakeSignal: WakeSignal;
  readonly #outages: Outages;
  readonly #discovery: Discovery;
  readonly #bundles: Bundles;
  readonly #launcher: Launcher;
  #hasEnded = false;

  constructor(deps: DriverDependencies, server: ServerConnection, deadline: number) {
    this.#deps = deps;
    this.#server = server;
    this.#wakeSignal = new WakeSignal(deps.clock);
    this.#discovery = new Discovery(deps.clock, server, () => this.#wakeSignal.notify());
    this.#sender = new Sender(deps, server);
    const { clock, tabs } = deps;
    const isLinkUp = () => this.#mayStart;
    const reporter = new Reporter(tabs, clock, isLinkUp);
    this.#reporter = reporter;
    const onNews = () => this.#wakeSignal.notify();
    this.#receiving = new ReceivingMonitor({ clock, tabs, server, reporter, isLinkUp, onNews });
    this.#scheduler = new UploadScheduler(deps, server, this.#reporter);
    this.#pool = new Pool(clock, server, deadline);
    this.#bundles = new Bundles(clock, server, this.#scheduler);
    const requests = { clock, sender: this.#sender, reporter, scheduler: this.#scheduler };
    this.#outages = new Outages({ ...requests, db: deps.db, tabs, server, onProbed: () => this.#onProbed() });
    this.#launcher = new Launcher({ ...requests, pool: this.#pool, wakeSignal: this.#wakeSignal });
  }

  /** Whether this run reads no more hints: a later change needs another run. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether the user of this run has signed out or another user has signed in. */
  get userChanged(): boolean {
    return this.#scheduler.userChanged;
  }

  /** Sends chunk 0 of these uploads before anything else; replaces the previous list. */
  openSessions(ids: readonly string[]): void {
    this.#scheduler.setSessionsToOpen(ids);
  }

  /** Moves the deadline when another wake joins; an earlier one changes nothing. */
  extend(deadline: number): void {
    this.#pool.extend(deadline);
    this.#wakeSignal.notify();
  }

  /** Requests a scan: any record, or the signed-in user, may have changed. */
  rescan(): void {
    this.#outages.refresh();
    this.#scheduler.rescan();
    this.#wakeSignal.notify();
  }

  /** Requests a read of one record that another writer changed. */
  hint(id: string): void {
    this.#scheduler.hint(id);
    this.#wakeSignal.notify();
  }

  /** Resolves when no request of these uploads is in flight. Change their records first. */
  async release(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.hint(id);
    while (!this.#hasEnded && ids.some((id) => this.#scheduler.pipelines.get(id)))
      await this.#deps.clock.sleep(RELEASE_POLL_MS);
  }

  /** Sends until nothing is left to do before the deadline. */
  async execute(): Promise<DriveResult> {
    if (this.#isUsable) this.#discovery.start(this.#pool.remainingMs);
    else this.#discovery.skip();
    try {
      for (;;) {
        this.#wakeSignal.reset();
        await this.#scheduler.applyHints();
        await this.#outages.tend();
        restartSlowUploads(this.#scheduler.pipelines.all(), this.#server.planLimits, this.#deps.clock.ticks());
        await this.#settleEnded();
        await this.#fillPool();
        await this.#prepareNext();
        this.#receiving.check(this.#scheduler.pipelines.all());
        const reportInMs = await this.#reportProgress();
        this.#pool.abortStalled();
        // A request may have ended during this iteration.
        if (this.#scheduler.hasHints || this.#wakeSignal.isNotified) continue;
        const startInMs = Math.min(this.#pool.startDelayMs || reportInMs, this.#outages.probeInMs);
        const waitMs = this.#scheduler.pipelines.hasInFlight ? Math.min(reportInMs, startInMs) : this.#getIdleMs();
        if (waitMs === null && !this.#discovery.isPending) break;
        await this.#wakeSignal.wait(waitMs ?? POLL_MS);
      }
    } finally {
      // Nothing is awaited between the last check for hints and this line, so no hint is lost.
      this.#hasEnded = true;
      this.#outages.stop();
      this.#discovery.stop();
      this.#receiving.stop();
      for (const pipeline of this.#scheduler.pipelines.all()) pipeline.stop({ kind: 'drop' });
    }
    await this.#server.rememberLink();
    return this.#scheduler.hasBackgroundWork ? 'work-left' : 'drained';
  }

  /** A server that could not be reached is asked again once it can. */
  #onProbed(): void {
    if (!this.#server.link.isSuspect) this.#discovery.start(this.#pool.remainingMs);
    this.#wakeSignal.notify();
  }

  async #fillPool(): Promise<void> {
    while (this.#pool.hasRoom && this.#mayStart) {
      await this.#scheduler.openWithoutSession();
      await this.#scheduler.openSmall();
      const next = this.#scheduler.nextJob();
      if (!next) {
        if (await this.#scheduler.openNext()) continue;
        return;
      }
      const jobs = await this.#bundles.gather(next);
      const sizeBytes = countBytes(jobs);
      if (this.#pool.isTooSoon(sizeBytes) || !this.#pool.hasRoomFor(sizeBytes)) return;
      if (!this.#pool.fitsDeadline(sizeBytes) && !(await this.#mayOverrun())) return this.#replanSmaller(next);
      this.#launcher.launch(jobs);
    }
  }

  get #mayStart(): boolean {
    return this.#isUsable && !this.#server.link.isSuspect && !this.#discovery.delaysRequests;
  }

  /** Whether the browser is online, and not on a cellular network that the user excluded. */
  get #isUsable(): boolean {
    return this.#deps.online() && !this.#server.isPausedOnCellular;
  }

  /** Reads the next request's bytes ahead, so that it can start as soon as a response arrives. */
  async #prepareNext(): Promise<void> {
    const next = this.#scheduler.nextJob();
    if (next) {
      const { length } = await this.#bundles.gather(next);
      if (length === 1) this.#sender.prefetch(next.pipeline, next.job);
    } else if (this.#mayStart) {
      await this.#scheduler.openNext();
    }
  }

  /** Only with an open tab: its next message extends the deadline before the request is cut. */
  async #mayOverrun(): Promise<boolean> {
    return (await this.#deps.tabs.count()) > 0 && this.#pool.mayOverrun();
  }

  /** Chooses smaller chunks: one that does not fit this wake even alone fits no later one. */
  #replanSmaller({ pipeline, job }: { pipeline: Pipeline; job: Job }): void {
    if (job.kind !== 'send' || this.#pool.size > 0 || this.#pool.remainingMs <= 0) return;
    if (restartWithSmallerChunks(pipeline, job, this.#server.planLimits)) this.#wakeSignal.notify();
  }

  /** Closes each pipeline with an outcome once none of its requests is in flight. */
  async #settleEnded(): Promise<void> {
    const now = this.#deps.clock.now();
    for (const pipeline of this.#scheduler.pipelines.all()) {
      const { id } = pipeline.upload;
      pipeline.abortOverdue(this.#deps.clock.ticks());
      if (!pipeline.outcome || pipeline.flights.size > 0) continue;
      await this.#reporter.report(pipeline);
      await settle(this.#deps.db, pipeline.upload, pipeline.outcome, now);
      if (this.#scheduler.close(id)) await this.#reporter.announceChange(id);
    }
  }

  /** @returns ms until there may be more progress to report. */
  async #reportProgress(): Promise<number> {
    const waits = [POLL_MS];
    for (const pipeline of this.#scheduler.pipelines.all())
      waits.push((await this.#reporter.report(pipeline)) ?? POLL_MS);
    return Math.min(...waits);
  }

  /** Ms until a request becomes due; null if none does before the deadline. */
  #getIdleMs(): number | null {
    const { clock } = this.#deps;
    const { remainingMs } = this.#pool;
    if (remainingMs <= 0) return null;
    // A worker gets no `online` event, and without a tab the next sync event may be minutes away.
    if (!this.#deps.online() && this.#scheduler.hasBackgroundWork) return POLL_MS;
    if (!this.#isUsable) return null;
    if (this.#server.link.isSuspect && this.#scheduler.hasUploads)
      return this.#outages.probeInMs < remainingMs ? this.#outages.probeInMs : null;
    const waitMs = Math.min(
      this.#scheduler.nextDueAt() - clock.now(),
      this.#scheduler.pipelines.nextDueAt() - clock.ticks(),
    );
    if (waitMs >= remainingMs) return null;
    // A request that is due and did not start does not fit, or waits behind one that does not fit.
    return waitMs > 0 ? waitMs : POLL_MS;
  }
}
