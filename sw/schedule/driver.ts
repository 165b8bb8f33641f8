import { isOverdue } from '../../src/shared/retention.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import { ServerConnection } from '../server/server-connection.ts';
import { Run } from './run.ts';
import type { DriveResult, Wake } from './wake.ts';

const LOCK_NAME = 'upload-driver';
const CLEANUP_INTERVAL_MS = 60 * 60_000;

/** The run under way, or waiting for the lock. */
interface ActiveRun {
  run: Run | null;
  deadline: number;
  /** Whether another wake came since it was last looked who is signed in. */
  wasJoined: boolean;
  done: Promise<DriveResult>;
}

/** Drives all uploads, one run at a time; whoever wakes it joins the run that is live. */
export class Driver {
  readonly #deps: DriverDependencies;
  #sessionsToOpen: readonly string[] = [];
  #active: ActiveRun | null = null;

  constructor(world: DriverDependencies) {
    this.#deps = world;
    // A run that looks finds no database, and ends: what it sends could not be booked.
    void world.db.terminated.then(() => this.#active?.run?.rescan());
  }

  /** Looks through all uploads; ends when the work does or when the wake's time is over, whichever comes first. */
  drive(wake: Wake): Promise<DriveResult> {
    this.#active?.run?.rescan();
    return this.join(wake);
  }

  /** As `drive`, but a run that is live goes by its hints. */
  async join(wake: Wake): Promise<DriveResult> {
    const live = this.#joinRun(wake.deadline);
    const alarm = new AbortController();
    const timeUp = this.#deps.clock.sleep(wake.deadline - this.#deps.clock.ticks(), alarm.signal).then(
      (): DriveResult => 'work-left',
      (): DriveResult => 'work-left',
    );
    const outcome = await Promise.race([live, timeUp]);
    alarm.abort();
    return outcome;
  }

  /** Until when other wakes hold the worker, in ticks; long past when none does. */
  get heldUntil(): number {
    return this.#active?.deadline ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether a run is under way that still takes hints, or another one follows it that looks at everything. */
  get acceptsHints(): boolean {
    const run = this.#active?.run;
    return this.#active !== null && (!run?.hasEnded || run.userChanged);
  }

  /** Has sessions opened for these, and no others, before anything else is sent, from the next drive on. */
  openSessions(ids: readonly string[]): void {
    this.#sessionsToOpen = ids;
    this.#active?.run?.openSessions(ids);
  }

  /** Tells the live run that a record was changed. */
  hint(id: string): void {
    this.#active?.run?.hint(id);
  }

  /** Forgets what was kept long enough, whoever it belongs to: its user may never come back. */
  async #removeExpired(): Promise<void> {
    const { clock, db, tabs } = this.#deps;
    const now = clock.now();
    // Days are not reckoned more exactly, and each look reads all there is. Later than now: the clock was set back.
    const sinceMs = now - (await db.settings.get('overdueRemovedAt'));
    if (sinceMs >= 0 && sinceMs < CLEANUP_INTERVAL_MS) return;
    await db.settings.set('overdueRemovedAt', now);
    const ids = await db.removeWhere((upload) => isOverdue(upload, now));
    for (const id of ids) await tabs.post({ type: 'changed', id });
  }

  /** Resolves when the live run sends nothing of these any more; their records must say so already. */
  async release(ids: readonly string[]): Promise<void> {
    await this.#active?.run?.release(ids);
  }

  #joinRun(deadline: number): Promise<DriveResult> {
    if (this.#active && this.acceptsHints) {
      this.#active.deadline = Math.max(deadline, this.#active.deadline);
      this.#active.wasJoined = true;
      this.#active.run?.extend(deadline);
      return this.#active.done;
    }
    const before = this.#active?.done;
    const live: ActiveRun = { run: null, deadline, wasJoined: false, done: Promise.resolve('drained') };
    this.#active = live;
    live.done = this.#runExclusively(live, before);
    return live.done;
  }

  /** One run for who is signed in now; none for nobody. */
  async #runOnce(live: ActiveRun): Promise<DriveResult> {
    live.run = null;
    const link = await ServerConnection.open(this.#deps);
    if (!link) return 'drained';
    live.run = new Run(this.#deps, link, live.deadline);
    live.run.openSessions(this.#sessionsToOpen);
    return live.run.execute();
  }

  async #runExclusively(live: ActiveRun, before: Promise<DriveResult> | undefined): Promise<DriveResult> {
    try {
      await before;
      const waiting = AbortSignal.timeout(Math.max(0, live.deadline - this.#deps.clock.ticks()));
      return await this.#deps.exclusive(LOCK_NAME, waiting, async () => {
        await this.#removeExpired();
        // Once more when another user signed in: whoever joined meanwhile waits for that user's uploads.
        for (;;) {
          live.wasJoined = false;
          const outcome = await this.#runOnce(live);
          if (live.run === null ? !live.wasJoined : !live.run.userChanged) return outcome;
        }
      });
    } catch {
      // The lock was not to be had in time, or the database gave way to a newer version: the next wake goes on.
      return 'work-left';
    } finally {
      if (this.#active === live) this.#active = null;
    }
  }
}
