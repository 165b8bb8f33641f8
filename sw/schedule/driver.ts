import { isOverdue } from '../../src/shared/retention.ts';
import { DRIVER_LOCK } from '../../src/shared/worker-lifetime.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import { ServerConnection } from '../server/server-connection.ts';
import { Run } from './run.ts';
import type { DriveResult, Wake } from './wake.ts';

const CLEANUP_INTERVAL_MS = 60 * 60_000;

/** A run in progress, or one that waits for the lock. */
interface ActiveRun {
  /** Null until the lock is held and the server connection is open. */
  run: Run | null;
  deadline: number;
  /** Whether a wake joined since the signed-in user was last read. */
  wasJoined: boolean;
  done: Promise<DriveResult>;
}

/** Drives all uploads in one run at a time. Every further wake joins the active run. */
export class Driver {
  readonly #deps: DriverDependencies;
  #sessionsToOpen: readonly string[] = [];
  #active: ActiveRun | null = null;

  constructor(deps: DriverDependencies) {
    this.#deps = deps;
    // Without a database no response can be stored: the scan fails, which ends the run.
    void deps.db.terminated.then(() => this.#active?.run?.rescan());
  }

  /** Scans all uploads and sends until no work is left or the wake's deadline is reached. */
  drive(wake: Wake): Promise<DriveResult> {
    this.#active?.run?.rescan();
    return this.join(wake);
  }

  /** Extends the active run without a scan: it reads only the records of its hints. */
  async join(wake: Wake): Promise<DriveResult> {
    const done = this.#joinRun(wake.deadline);
    const timer = new AbortController();
    const timeUp = this.#deps.clock.sleep(wake.deadline - this.#deps.clock.ticks(), timer.signal).then(
      (): DriveResult => 'work-left',
      (): DriveResult => 'work-left',
    );
    const result = await Promise.race([done, timeUp]);
    timer.abort();
    return result;
  }

  /** The latest deadline of the active run's wakes, in ticks; negative infinity without a run. */
  get heldUntil(): number {
    return this.#active?.deadline ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether a run will still read its hints, or another run with its own scan follows it. */
  get acceptsHints(): boolean {
    const run = this.#active?.run;
    return this.#active !== null && (!run?.hasEnded || run.userChanged);
  }

  /** Sends chunk 0 of these uploads before anything else, in the active run and in later ones. */
  openSessions(ids: readonly string[]): void {
    this.#sessionsToOpen = ids;
    this.#active?.run?.openSessions(ids);
  }

  /** Makes the active run read the record of this upload. */
  hint(id: string): void {
    this.#active?.run?.hint(id);
  }

  /** Resolves when no request of these uploads is in flight. Change their records first. */
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
    const previous = this.#active?.done;
    const active: ActiveRun = { run: null, deadline, wasJoined: false, done: Promise.resolve('drained') };
    this.#active = active;
    active.done = this.#runExclusively(active, previous);
    return active.done;
  }

  async #runExclusively(active: ActiveRun, previous: Promise<DriveResult> | undefined): Promise<DriveResult> {
    try {
      await previous;
      const timeout = AbortSignal.timeout(Math.max(0, active.deadline - this.#deps.clock.ticks()));
      return await this.#deps.exclusive(DRIVER_LOCK, timeout, async () => {
        await this.#removeExpired();
        // Run again if another user signed in: a wake that joined meanwhile expects that user's
        // uploads to be sent.
        for (;;) {
          active.wasJoined = false;
          const result = await this.#runOnce(active);
          if (active.run === null ? !active.wasJoined : !active.run.userChanged) return result;
        }
      });
    } catch {
      // Another worker version held the lock, or the database was closed: the next wake continues.
      return 'work-left';
    } finally {
      if (this.#active === active) this.#active = null;
    }
  }

  /** Runs once for the signed-in user; does nothing without one. */
  async #runOnce(active: ActiveRun): Promise<DriveResult> {
    active.run = null;
    const server = await ServerConnection.open(this.#deps);
    if (!server) return 'drained';
    active.run = new Run(this.#deps, server, active.deadline);
    active.run.openSessions(this.#sessionsToOpen);
    return active.run.execute();
  }

  /** Removes the overdue uploads of all users, because a user may never return. */
  async #removeExpired(): Promise<void> {
    const { clock, db, tabs } = this.#deps;
    const now = clock.now();
    // At most once an hour, because this reads every record. A negative time means that the clock
    // was set back.
    const sinceMs = now - (await db.settings.get('overdueRemovedAt'));
    if (sinceMs >= 0 && sinceMs < CLEANUP_INTERVAL_MS) return;
    await db.settings.set('overdueRemovedAt', now);
    const ids = await db.removeWhere((upload) => isOverdue(upload, now));
    for (const id of ids) await tabs.post({ type: 'changed', id });
  }
}
