import { isOverdue } from '../src/shared/retention.ts';
import { Link } from './link.ts';
import { Run } from './run.ts';
import type { Outcome, Wake } from './wake.ts';
import type { World } from './world.ts';

const LOCK = 'upload-driver';
const LOOK_FOR_DUE_MS = 60 * 60_000;

/** The run under way, or waiting for the lock. */
interface Live {
  run: Run | null;
  deadline: number;
  /** Whether another wake came since it was last looked who is signed in. */
  joined: boolean;
  done: Promise<Outcome>;
}

/** Drives all uploads, one run at a time; whoever wakes it joins the run that is live. */
export class Driver {
  readonly #world: World;
  #toBegin: readonly string[] = [];
  #live: Live | null = null;

  constructor(world: World) {
    this.#world = world;
    // A run that looks finds no database, and ends: what it sends could not be booked.
    void world.db.terminated.then(() => this.#live?.run?.lookAgain());
  }

  /** Looks through all uploads; ends when the work does or when the wake's time is over, whichever comes first. */
  drive(wake: Wake): Promise<Outcome> {
    this.#live?.run?.lookAgain();
    return this.join(wake);
  }

  /** As `drive`, but a run that is live goes by its hints. */
  async join(wake: Wake): Promise<Outcome> {
    const live = this.#join(wake.deadline);
    const alarm = new AbortController();
    const timeUp = this.#world.clock.sleep(wake.deadline - this.#world.clock.ticks(), alarm.signal).then(
      (): Outcome => 'work-left',
      (): Outcome => 'work-left',
    );
    const outcome = await Promise.race([live, timeUp]);
    alarm.abort();
    return outcome;
  }

  /** Until when other wakes hold the worker, in ticks; long past when none does. */
  get heldUntil(): number {
    return this.#live?.deadline ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether a run is under way that still takes hints, or another one follows it that looks at everything. */
  get isLive(): boolean {
    const run = this.#live?.run;
    return this.#live !== null && (!run?.ended || run.userChanged);
  }

  /** Has sessions opened for these, and no others, before anything else is sent, from the next drive on. */
  begin(ids: readonly string[]): void {
    this.#toBegin = ids;
    this.#live?.run?.begin(ids);
  }

  /** Tells the live run that a record was changed. */
  hint(id: string): void {
    this.#live?.run?.hint(id);
  }

  /** Forgets what was kept long enough, whoever it belongs to: its user may never come back. */
  async #removeDue(): Promise<void> {
    const { clock, db, tabs } = this.#world;
    const now = clock.now();
    // Days are not reckoned more exactly, and each look reads all there is. Later than now: the clock was set back.
    const sinceMs = now - (await db.settings.get('overdueRemovedAt'));
    if (sinceMs >= 0 && sinceMs < LOOK_FOR_DUE_MS) return;
    await db.settings.set('overdueRemovedAt', now);
    const ids = await db.removeWhere((upload) => isOverdue(upload, now));
    for (const id of ids) await tabs.post({ type: 'changed', id });
  }

  /** Resolves when the live run sends nothing of these any more; their records must say so already. */
  async letGo(ids: readonly string[]): Promise<void> {
    await this.#live?.run?.letGo(ids);
  }

  #join(deadline: number): Promise<Outcome> {
    if (this.#live && this.isLive) {
      this.#live.deadline = Math.max(deadline, this.#live.deadline);
      this.#live.joined = true;
      this.#live.run?.extend(deadline);
      return this.#live.done;
    }
    const before = this.#live?.done;
    const live: Live = { run: null, deadline, joined: false, done: Promise.resolve('drained') };
    this.#live = live;
    live.done = this.#go(live, before);
    return live.done;
  }

  /** One run for who is signed in now; none for nobody. */
  async #run(live: Live): Promise<Outcome> {
    live.run = null;
    const link = await Link.open(this.#world);
    if (!link) return 'drained';
    live.run = new Run(this.#world, link, live.deadline);
    live.run.begin(this.#toBegin);
    return live.run.go();
  }

  async #go(live: Live, before: Promise<Outcome> | undefined): Promise<Outcome> {
    try {
      await before;
      const waiting = AbortSignal.timeout(Math.max(0, live.deadline - this.#world.clock.ticks()));
      return await this.#world.exclusive(LOCK, waiting, async () => {
        await this.#removeDue();
        // Once more when another user signed in: whoever joined meanwhile waits for that user's uploads.
        for (;;) {
          live.joined = false;
          const outcome = await this.#run(live);
          if (live.run === null ? !live.joined : !live.run.userChanged) return outcome;
        }
      });
    } catch {
      // The lock was not to be had in time, or the database gave way to a newer version: the next wake goes on.
      return 'work-left';
    } finally {
      if (this.#live === live) this.#live = null;
    }
  }
}
