import { Bell } from './bell.ts';
import { conclude } from './endings.ts';
import { Intake } from './intake.ts';
import type { Link } from './link.ts';
import type { Flight, Job, Pipeline } from './pipeline.ts';
import { betterPlan } from './planner.ts';
import { type FlightEnd, Pool } from './pool.ts';
import { Reporter } from './reporter.ts';
import { Sender } from './sender.ts';
import type { Outcome } from './wake.ts';
import type { World } from './world.ts';

const LOOK_MS = 1000;
/** So long a server that is asked what it knows may keep a run from its end. */
const MEETING_MS = 10_000;
/** How often it is looked whether requests that were given up are over. */
const LET_GO_MS = 20;

/** One run over all uploads of the signed-in user, from taking the lock until nothing can be done before the deadline. */
export class Run {
  readonly #world: World;
  readonly #link: Link;
  readonly #sender: Sender;
  readonly #reporter: Reporter;
  readonly #pool: Pool;
  readonly #intake: Intake;
  readonly #bell: Bell;
  #ended = false;
  #isMeeting = true;

  constructor(world: World, link: Link, deadline: number) {
    this.#world = world;
    this.#link = link;
    this.#bell = new Bell(world.clock);
    this.#sender = new Sender(world, link);
    this.#reporter = new Reporter(world.tabs, world.clock, link.meter);
    this.#intake = new Intake(world, link, this.#reporter);
    this.#pool = new Pool(world.clock, link.meter, link.concurrency, deadline);
  }

  /** True once it can take no more hints: what comes then needs a run of its own. */
  get ended(): boolean {
    return this.#ended;
  }

  /** True when somebody else, or nobody, is signed in now. */
  get userChanged(): boolean {
    return this.#intake.userChanged;
  }

  /** Opens sessions for these, and no others, before it sends anything else. */
  begin(ids: readonly string[]): void {
    this.#intake.begin(ids);
  }

  /** Another wake joined: there is more time. */
  extend(deadline: number): void {
    this.#pool.extend(deadline);
    this.#bell.ring();
  }

  /** Any record may have changed. */
  lookAgain(): void {
    this.#intake.lookAgain();
    this.#bell.ring();
  }

  /** The record of this upload was changed. */
  hint(id: string): void {
    this.#intake.hint(id);
    this.#bell.ring();
  }

  /** Resolves when nothing is sent of these any more; their records must say so already. */
  async letGo(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.hint(id);
    while (!this.#ended && ids.some((id) => this.#intake.open.get(id))) await this.#world.clock.sleep(LET_GO_MS);
  }

  async go(): Promise<Outcome> {
    void this.#meet();
    try {
      for (;;) {
        this.#bell.reset();
        await this.#intake.takeHints();
        await this.#closeEnded();
        await this.#startWhatFits();
        await this.#prepareNext();
        const lookMs = await this.#report();
        this.#pool.abortStalled();
        // A request may have ended meanwhile, and its upload with it.
        if (this.#intake.hasHints || this.#bell.hasRung) continue;
        const waitMs = this.#intake.open.isBusy ? Math.min(lookMs, this.#pool.pauseMs || lookMs) : this.#untilDue();
        if (waitMs === null && !this.#isMeeting) break;
        await this.#bell.wait(waitMs ?? LOOK_MS);
      }
    } finally {
      // From the last look to here nothing is awaited that a hint could slip into. Whatever ended it, nothing is left behind.
      this.#ended = true;
      for (const pipeline of this.#intake.open.all()) pipeline.end({ kind: 'drop' });
    }
    await this.#link.rememberRate();
    return this.#intake.hasWork ? 'work-left' : 'drained';
  }

  /** Beside everything else, so that the first upload to a server can be sent as it likes; whatever goes wrong, that upload finds out. */
  async #meet(): Promise<void> {
    const soon = AbortSignal.timeout(Math.max(0, Math.min(MEETING_MS, this.#pool.leftMs)));
    if (this.#mayStart) await this.#link.meet(soon).catch(() => undefined);
    this.#isMeeting = false;
    this.#bell.ring();
  }

  async #startWhatFits(): Promise<void> {
    while (this.#pool.hasRoom && this.#mayStart) {
      await this.#intake.openToBegin();
      await this.#intake.openSmall();
      const next = this.#intake.nextJob();
      if (next && this.#pool.isTooSoon(next.job.sizeBytes)) return;
      if (next && !this.#pool.fits(next.job.sizeBytes) && !(await this.#mayTryAnyway())) return this.#cutSmaller(next);
      if (next) this.#launch(next.pipeline, next.job);
      else if (!(await this.#intake.openNext())) return;
    }
  }

  /** Whether there is a network, and one that the user lets us use. */
  get #mayStart(): boolean {
    return this.#world.online() && !this.#link.isHeld;
  }

  /** So that the next answer is followed by a request at once, and not by what that needs from the database. */
  async #prepareNext(): Promise<void> {
    const next = this.#intake.nextJob();
    if (next) this.#sender.prepare(next.pipeline, next.job);
    else if (this.#mayStart) await this.#intake.openNext();
  }

  /** A tab's next message would give a request more time than this wake has; without one it would only be cut. */
  async #mayTryAnyway(): Promise<boolean> {
    return (await this.#world.tabs.count()) > 0 && this.#pool.mayTryAnyway();
  }

  /** What was far too large for this wake, with nothing beside it, is so for later ones: only smaller chunks will ever go. */
  #cutSmaller({ pipeline, job }: { pipeline: Pipeline; job: Job }): void {
    if (job.kind !== 'send' || this.#pool.size > 0 || this.#pool.leftMs <= 0) return;
    const { upload, doneBytes } = pipeline;
    const plan = upload.plan && betterPlan(upload, upload.plan, doneBytes, this.#link.terms);
    if (!plan || plan.chunkBytes >= job.sizeBytes) return;
    pipeline.end({ kind: 'restart', plan, again: false });
    this.#bell.ring();
  }

  #launch(pipeline: Pipeline, job: Job): void {
    const flight: Flight = { job, startedAt: this.#world.clock.ticks(), controller: new AbortController() };
    pipeline.flights.set(job.index, flight);
    // The database gave way: the next look at it meets the same failure, and ends the run.
    this.#pool.add(flight, () => this.#fly(pipeline, flight).catch(() => this.#bell.ring()));
  }

  async #fly(pipeline: Pipeline, flight: Flight): Promise<void> {
    const { session } = pipeline.upload;
    let end: FlightEnd = 'over';
    const land = (how: FlightEnd) => {
      this.#pool.remove(flight, how);
      this.#bell.ring();
    };
    try {
      end = await this.#sender.run(pipeline, flight, () => land('acknowledged'));
    } finally {
      pipeline.flights.delete(flight.job.index);
      land(end);
    }
    if (pipeline.upload.session !== session) await this.#reporter.changed(pipeline.upload.id);
  }

  /** An upload that ended speaks once all its requests are over; one with a new plan is taken up again. */
  async #closeEnded(): Promise<void> {
    const now = this.#world.clock.now();
    for (const pipeline of this.#intake.open.all()) {
      const { id } = pipeline.upload;
      if (!pipeline.ending || pipeline.flights.size > 0) continue;
      await this.#reporter.report(pipeline);
      await conclude(this.#world.db, pipeline.upload, pipeline.ending, now);
      this.#intake.open.remove(id);
      this.#intake.hint(id);
      await this.#reporter.changed(id);
    }
  }

  async #report(): Promise<number> {
    const waits = [LOOK_MS];
    for (const pipeline of this.#intake.open.all()) waits.push((await this.#reporter.report(pipeline)) ?? LOOK_MS);
    return Math.min(...waits);
  }

  /** Ms until something becomes due by itself; null when nothing does before the deadline. */
  #untilDue(): number | null {
    const { clock } = this.#world;
    // The worker is not told when the link comes back, and with no tab open the next alarm may be minutes away.
    const { leftMs } = this.#pool;
    if (leftMs <= 0) return null;
    if (!this.#world.online() && this.#intake.hasWork) return LOOK_MS;
    if (!this.#mayStart) return null;
    const waitMs = Math.min(this.#intake.dueAt() - clock.now(), this.#intake.open.dueAt() - clock.ticks());
    if (waitMs >= leftMs) return null;
    // What is due and was not begun does not fit, or stands behind what does not.
    return waitMs > 0 ? waitMs : LOOK_MS;
  }
}
