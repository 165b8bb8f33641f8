import type { DriverDependencies } from '../ports/ports.ts';
import { settle } from '../send/outcome.ts';
import type { Flight, FlightResult, Job, Pipeline } from '../send/pipeline.ts';
import { findBetterPlan } from '../send/planner.ts';
import { Reporter } from '../send/reporter.ts';
import { Sender } from '../send/sender.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { Pool } from './pool.ts';
import { UploadScheduler } from './upload-scheduler.ts';
import type { DriveResult } from './wake.ts';
import { WakeSignal } from './wake-signal.ts';

const POLL_MS = 1000;
/** So long a server that is asked what it knows may keep a run from its end. */
const DISCOVERY_MS = 10_000;
/** How often it is looked whether requests that were given up are over. */
const RELEASE_POLL_MS = 20;

/** One run over all uploads of the signed-in user, from taking the lock until nothing can be done before the deadline. */
export class Run {
  readonly #deps: DriverDependencies;
  readonly #link: ServerConnection;
  readonly #sender: Sender;
  readonly #reporter: Reporter;
  readonly #pool: Pool;
  readonly #scheduler: UploadScheduler;
  readonly #wakeSignal: WakeSignal;
  #hasEnded = false;
  #isDiscovering = true;

  constructor(world: DriverDependencies, link: ServerConnection, deadline: number) {
    this.#deps = world;
    this.#link = link;
    this.#wakeSignal = new WakeSignal(world.clock);
    this.#sender = new Sender(world, link);
    this.#reporter = new Reporter(world.tabs, world.clock, link.meter);
    this.#scheduler = new UploadScheduler(world, link, this.#reporter);
    this.#pool = new Pool(world.clock, link.meter, link.concurrency, deadline);
  }

  /** True once it can take no more hints: what comes then needs a run of its own. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** True when somebody else, or nobody, is signed in now. */
  get userChanged(): boolean {
    return this.#scheduler.userChanged;
  }

  /** Opens sessions for these, and no others, before it sends anything else. */
  openSessions(ids: readonly string[]): void {
    this.#scheduler.setSessionsToOpen(ids);
  }

  /** Another wake joined: there is more time. */
  extend(deadline: number): void {
    this.#pool.extend(deadline);
    this.#wakeSignal.notify();
  }

  /** Any record may have changed. */
  rescan(): void {
    this.#scheduler.rescan();
    this.#wakeSignal.notify();
  }

  /** The record of this upload was changed. */
  hint(id: string): void {
    this.#scheduler.hint(id);
    this.#wakeSignal.notify();
  }

  /** Resolves when nothing is sent of these any more; their records must say so already. */
  async release(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.hint(id);
    while (!this.#hasEnded && ids.some((id) => this.#scheduler.pipelines.get(id)))
      await this.#deps.clock.sleep(RELEASE_POLL_MS);
  }

  async execute(): Promise<DriveResult> {
    void this.#discover();
    try {
      for (;;) {
        this.#wakeSignal.reset();
        await this.#scheduler.applyHints();
        await this.#settleEnded();
        await this.#fillPool();
        await this.#prepareNext();
        const lookMs = await this.#reportProgress();
        this.#pool.abortStalled();
        // A request may have ended meanwhile, and its upload with it.
        if (this.#scheduler.hasHints || this.#wakeSignal.isNotified) continue;
        const waitMs = this.#scheduler.pipelines.hasInFlight
          ? Math.min(lookMs, this.#pool.startDelayMs || lookMs)
          : this.#delayUntilDue();
        if (waitMs === null && !this.#isDiscovering) break;
        await this.#wakeSignal.wait(waitMs ?? POLL_MS);
      }
    } finally {
      // From the last look to here nothing is awaited that a hint could slip into. Whatever ended it, nothing is left behind.
      this.#hasEnded = true;
      for (const pipeline of this.#scheduler.pipelines.all()) pipeline.stop({ kind: 'drop' });
    }
    await this.#link.rememberRate();
    return this.#scheduler.hasBackgroundWork ? 'work-left' : 'drained';
  }

  /** Beside everything else, so that the first upload to a server can be sent as it likes; whatever goes wrong, that upload finds out. */
  async #discover(): Promise<void> {
    const soon = AbortSignal.timeout(Math.max(0, Math.min(DISCOVERY_MS, this.#pool.remainingMs)));
    if (this.#mayStart) await this.#link.discover(soon).catch(() => undefined);
    this.#isDiscovering = false;
    this.#wakeSignal.notify();
  }

  async #fillPool(): Promise<void> {
    while (this.#pool.hasRoom && this.#mayStart) {
      await this.#scheduler.openWithoutSession();
      await this.#scheduler.openSmall();
      const next = this.#scheduler.nextJob();
      if (next && this.#pool.isTooSoon(next.job.sizeBytes)) return;
      if (next && !this.#pool.fitsDeadline(next.job.sizeBytes) && !(await this.#mayOverrun()))
        return this.#replanSmaller(next);
      if (next) this.#launch(next.pipeline, next.job);
      else if (!(await this.#scheduler.openNext())) return;
    }
  }

  /** Whether there is a network, and one that the user lets us use. */
  get #mayStart(): boolean {
    return this.#deps.online() && !this.#link.isPausedOnCellular;
  }

  /** So that the next answer is followed by a request at once, and not by what that needs from the database. */
  async #prepareNext(): Promise<void> {
    const next = this.#scheduler.nextJob();
    if (next) this.#sender.prefetch(next.pipeline, next.job);
    else if (this.#mayStart) await this.#scheduler.openNext();
  }

  /** A tab's next message would give a request more time than this wake has; without one it would only be cut. */
  async #mayOverrun(): Promise<boolean> {
    return (await this.#deps.tabs.count()) > 0 && this.#pool.mayOverrun();
  }

  /** What was far too large for this wake, with nothing beside it, is so for later ones: only smaller chunks will ever go. */
  #replanSmaller({ pipeline, job }: { pipeline: Pipeline; job: Job }): void {
    if (job.kind !== 'send' || this.#pool.size > 0 || this.#pool.remainingMs <= 0) return;
    const { upload, acknowledgedBytes: doneBytes } = pipeline;
    const plan = upload.plan && findBetterPlan(upload, upload.plan, doneBytes, this.#link.planLimits);
    if (!plan || plan.chunkBytes >= job.sizeBytes) return;
    pipeline.stop({ kind: 'restart', plan, sessionLost: false });
    this.#wakeSignal.notify();
  }

  #launch(pipeline: Pipeline, job: Job): void {
    const flight: Flight = { job, startedAt: this.#deps.clock.ticks(), controller: new AbortController() };
    pipeline.flights.set(job.index, flight);
    // The database gave way: the next look at it meets the same failure, and ends the run.
    this.#pool.add(flight, () => this.#runFlight(pipeline, flight).catch(() => this.#wakeSignal.notify()));
  }

  async #runFlight(pipeline: Pipeline, flight: Flight): Promise<void> {
    const { session } = pipeline.upload;
    let end: FlightResult = 'over';
    const land = (how: FlightResult) => {
      this.#pool.remove(flight, how);
      this.#wakeSignal.notify();
    };
    try {
      end = await this.#sender.send(pipeline, flight, () => land('acknowledged'));
    } finally {
      pipeline.flights.delete(flight.job.index);
      land(end);
    }
    if (pipeline.upload.session !== session) await this.#reporter.announceChange(pipeline.upload.id);
  }

  /** An upload that ended speaks once all its requests are over; one with a new plan is taken up again. */
  async #settleEnded(): Promise<void> {
    const now = this.#deps.clock.now();
    for (const pipeline of this.#scheduler.pipelines.all()) {
      const { id } = pipeline.upload;
      if (!pipeline.outcome || pipeline.flights.size > 0) continue;
      await this.#reporter.report(pipeline);
      await settle(this.#deps.db, pipeline.upload, pipeline.outcome, now);
      this.#scheduler.pipelines.remove(id);
      this.#scheduler.hint(id);
      await this.#reporter.announceChange(id);
    }
  }

  async #reportProgress(): Promise<number> {
    const waits = [POLL_MS];
    for (const pipeline of this.#scheduler.pipelines.all())
      waits.push((await this.#reporter.report(pipeline)) ?? POLL_MS);
    return Math.min(...waits);
  }

  /** Ms until something becomes due by itself; null when nothing does before the deadline. */
  #delayUntilDue(): number | null {
    const { clock } = this.#deps;
    // The worker is not told when the link comes back, and with no tab open the next alarm may be minutes away.
    const { remainingMs: leftMs } = this.#pool;
    if (leftMs <= 0) return null;
    if (!this.#deps.online() && this.#scheduler.hasBackgroundWork) return POLL_MS;
    if (!this.#mayStart) return null;
    const waitMs = Math.min(
      this.#scheduler.nextDueAt() - clock.now(),
      this.#scheduler.pipelines.nextDueAt() - clock.ticks(),
    );
    if (waitMs >= leftMs) return null;
    // What is due and was not begun does not fit, or stands behind what does not.
    return waitMs > 0 ? waitMs : POLL_MS;
  }
}
