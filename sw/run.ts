import { DRIVABLE, type Upload } from '../src/shared/upload.ts';
import { Backlog } from './backlog.ts';
import { Bell } from './bell.ts';
import { conclude } from './endings.ts';
import { Lineup } from './lineup.ts';
import type { Link } from './link.ts';
import type { Flight, Job, Pipeline } from './pipeline.ts';
import { betterPlan, SESSION_BYTES } from './planner.ts';
import { type FlightEnd, Pool } from './pool.ts';
import { openPipeline } from './queue.ts';
import { Reporter } from './reporter.ts';
import { Sender } from './sender.ts';
import type { Outcome } from './wake.ts';
import type { World } from './world.ts';

/** Uploads taken up at once: enough to fill the pool while some wait for a first answer or a delay. */
const OPEN_AT_ONCE = 16;
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
  readonly #backlog = new Backlog();
  readonly #bell: Bell;
  readonly #open: Lineup;
  readonly #hints = new Set<string>();
  /** Whose session is wanted before anything else is sent. */
  readonly #toBegin: Set<string>;
  #mustList = true;
  #ended = false;
  #userChanged = false;
  #isMeeting = true;

  constructor(world: World, link: Link, deadline: number, toBegin: Set<string>) {
    this.#toBegin = toBegin;
    this.#open = new Lineup(toBegin);
    this.#world = world;
    this.#link = link;
    this.#bell = new Bell(world.clock);
    this.#sender = new Sender(world, link);
    this.#reporter = new Reporter(world.tabs, world.clock, link.meter);
    this.#pool = new Pool(world.clock, link.meter, link.concurrency, deadline);
  }

  /** True once it can take no more hints: what comes then needs a run of its own. */
  get ended(): boolean {
    return this.#ended;
  }

  /** True when somebody else, or nobody, is signed in now. */
  get userChanged(): boolean {
    return this.#userChanged;
  }

  /** Another wake joined: there is more time. */
  extend(deadline: number): void {
    this.#pool.extend(deadline);
    this.#bell.ring();
  }

  /** Any record may have changed. */
  lookAgain(): void {
    this.#mustList = true;
    this.#bell.ring();
  }

  /** The record of this upload was changed. */
  hint(id: string): void {
    this.#hints.add(id);
    this.#bell.ring();
  }

  /** Resolves when nothing is sent of these any more; their records must say so already. */
  async letGo(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.hint(id);
    while (!this.#ended && ids.some((id) => this.#open.get(id))) await this.#world.clock.sleep(LET_GO_MS);
  }

  async go(): Promise<Outcome> {
    void this.#meet();
    try {
      for (;;) {
        this.#bell.reset();
        await this.#takeHints();
        await this.#startWhatFits();
        await this.#prepareNext();
        const lookMs = await this.#report();
        this.#pool.abortStalled();
        // A request may have ended meanwhile, and its upload with it.
        if (this.#hints.size > 0 || this.#mustList || this.#bell.hasRung) continue;
        const waitMs = this.#pool.size > 0 ? Math.min(lookMs, this.#pool.pauseMs || lookMs) : this.#untilDue();
        if (waitMs === null && !this.#isMeeting) break;
        await this.#bell.wait(waitMs ?? LOOK_MS);
      }
    } finally {
      // From the last look to here nothing is awaited that a hint could slip into. Whatever ended it, nothing is left behind.
      this.#ended = true;
      for (const pipeline of this.#open.all()) pipeline.end({ kind: 'drop' });
    }
    await this.#link.rememberRate();
    return this.#hasWork ? 'work-left' : 'drained';
  }

  /** Beside everything else, so that the first upload to a server can be sent as it likes; whatever goes wrong, that upload finds out. */
  async #meet(): Promise<void> {
    const soon = AbortSignal.timeout(Math.max(0, Math.min(MEETING_MS, this.#pool.leftMs)));
    if (this.#mayStart) await this.#link.meet(soon).catch(() => undefined);
    this.#isMeeting = false;
    this.#bell.ring();
  }

  async #takeHints(): Promise<void> {
    if (this.#mustList) {
      this.#mustList = false;
      this.#userChanged = !(await this.#link.isStillOurs());
      const uploads = !this.#userChanged ? await this.#world.db.listAt(this.#link.token.userId, DRIVABLE) : [];
      this.#backlog.clear();
      for (const upload of uploads) this.#take(upload);
      // What is open and none of these was changed, or is gone.
      const listed = new Set(uploads.map(({ id }) => id));
      for (const { upload } of this.#open.all()) if (!listed.has(upload.id)) this.#hints.add(upload.id);
    }
    for (const id of this.#hints) {
      this.#hints.delete(id);
      const upload = await this.#world.db.get(id);
      // Once another user is signed in nothing of this one is taken up again, least of all what was just dropped.
      if (upload?.ownerId === this.#link.token.userId && !this.#userChanged) this.#take(upload);
      else this.#forget(id);
    }
    await this.#closeEnded();
  }

  /** An upload's record as it stands now: into its pipeline where there is one, else into the backlog. */
  #take(upload: Upload): void {
    const pipeline = this.#open.get(upload.id);
    if (!pipeline) {
      this.#backlog.put(upload, this.#world.clock.now());
      return;
    }
    const isSendable = upload.status === 'staging' || upload.status === 'queued' || upload.status === 'uploading';
    if (isSendable && upload.generation === pipeline.upload.generation) pipeline.upload = upload;
    else if (pipeline.upload.status !== upload.status) pipeline.end({ kind: 'drop' });
  }

  #forget(id: string): void {
    this.#backlog.delete(id);
    this.#open.get(id)?.end({ kind: 'drop' });
  }

  async #startWhatFits(): Promise<void> {
    while (this.#pool.hasRoom && this.#mayStart) {
      await this.#openToBegin();
      // One small upload is always at hand, so that it can go ahead of giants.
      if (!this.#open.hasSmall) await this.#openNext(true);
      const next = this.#open.nextJob(this.#world.clock.ticks(), this.#link.order);
      if (next && this.#pool.isTooSoon(next.job.sizeBytes)) return;
      if (next && !this.#pool.fits(next.job.sizeBytes) && !(await this.#mayTryAnyway())) return this.#cutSmaller(next);
      if (next) this.#launch(next.pipeline, next.job);
      else if (this.#open.size >= OPEN_AT_ONCE || !(await this.#openNext(false))) return;
    }
  }

  /** Whether there is a network, and one that the user lets us use. */
  get #mayStart(): boolean {
    return this.#world.online() && !this.#link.isHeld;
  }

  /** So that the next answer is followed by a request at once, and not by what that needs from the database. */
  async #prepareNext(): Promise<void> {
    const next = this.#open.nextJob(this.#world.clock.ticks(), this.#link.order);
    if (next) this.#sender.prepare(next.pipeline, next.job);
    else if (this.#open.size < OPEN_AT_ONCE && this.#mayStart) await this.#openNext(false);
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

  /** False when there is none to take up. */
  async #openNext(onlySmall: boolean): Promise<boolean> {
    const upload = this.#backlog.take(this.#world.clock.now(), onlySmall);
    if (upload) await this.#takeUp(upload);
    return upload !== null;
  }

  /** Takes up those whose session is wanted; what has one, or can have none now, is wanted no more. */
  async #openToBegin(): Promise<void> {
    for (const id of this.#toBegin) {
      const pipeline = this.#open.get(id);
      if (!pipeline && this.#open.beginning >= OPEN_AT_ONCE) return;
      const upload = pipeline ? null : this.#backlog.takeOut(id, this.#world.clock.now());
      if (upload) await this.#takeUp(upload, SESSION_BYTES);
      else if (!pipeline || pipeline.upload.session || pipeline.ending) this.#toBegin.delete(id);
    }
  }

  async #takeUp(upload: Upload, firstBytes?: number): Promise<void> {
    const pipeline = await openPipeline(this.#world, this.#link, upload.id, firstBytes);
    if (!pipeline) return;
    this.#open.put(pipeline);
    if (pipeline.upload.status !== upload.status) await this.#reporter.changed(upload.id);
  }

  #launch(pipeline: Pipeline, job: Job): void {
    const flight: Flight = { job, startedAt: this.#world.clock.ticks(), controller: new AbortController() };
    pipeline.flights.set(job.index, flight);
    this.#pool.add(flight, () => this.#fly(pipeline, flight));
  }

  async #fly(pipeline: Pipeline, flight: Flight): Promise<void> {
    const { session } = pipeline.upload;
    let end: FlightEnd = 'over';
    try {
      end = await this.#sender.run(pipeline, flight);
    } finally {
      pipeline.flights.delete(flight.job.index);
      this.#pool.remove(flight, end);
      this.#bell.ring();
    }
    if (pipeline.upload.session !== session) await this.#reporter.changed(pipeline.upload.id);
  }

  /** An upload that ended speaks once all its requests are over; one with a new plan is taken up again. */
  async #closeEnded(): Promise<void> {
    const now = this.#world.clock.now();
    for (const pipeline of this.#open.all()) {
      const { id } = pipeline.upload;
      if (!pipeline.ending || pipeline.flights.size > 0) continue;
      await this.#reporter.report(pipeline);
      await conclude(this.#world.db, pipeline.upload, pipeline.ending, now);
      this.#open.remove(id);
      this.#hints.add(id);
      await this.#reporter.changed(id);
    }
  }

  async #report(): Promise<number> {
    const waits = [LOOK_MS];
    for (const pipeline of this.#open.all()) waits.push((await this.#reporter.report(pipeline)) ?? LOOK_MS);
    return Math.min(...waits);
  }

  get #hasWork(): boolean {
    return this.#backlog.hasWork || this.#open.size > 0;
  }

  /** Ms until something becomes due by itself; null when nothing does before the deadline. */
  #untilDue(): number | null {
    const { clock } = this.#world;
    // The worker is not told when the link comes back, and with no tab open the next alarm may be minutes away.
    if (!this.#world.online() && this.#hasWork && this.#pool.leftMs > 0) return LOOK_MS;
    if (!this.#mayStart) return null;
    const waitMs = Math.min(this.#backlog.dueAt() - clock.now(), this.#open.dueAt() - clock.ticks());
    return waitMs < this.#pool.leftMs ? Math.max(0, waitMs) : null;
  }
}
