import { join } from 'node:path';
import * as v from 'valibot';
import type { Session } from '../upload-store.ts';
import { writeJson } from './atomic-fs.ts';
import type { DamagedFiles } from './damaged-files.ts';
import { readStored, VERSION, versionEntry } from './stored-json.ts';

const CLOCK = 'clock.json';
const HOUR_MS = 60 * 60_000;
/** At most this counts between two observations: the rest is a jump, or the server was stopped. */
const MAX_STEP_MS = HOUR_MS;
/** The believed time follows the clock at most this fast, so that it recovers from a stop. */
const MAX_FOLLOW_MS = 2 * HOUR_MS;
/** A clock that is this far behind the believed time is wrong. */
const MAX_BEHIND_MS = 24 * HOUR_MS;
/** The time in memory and that of the folder differ a little. */
const SAME_TIME_MS = 5000;

const time = v.number();
const state = v.object({
  ...versionEntry,
  /** The clock at the last observation. */
  seenAt: time,
  believedAt: time,
  observedMs: time,
  /** By session: its last change, and what was observed before the first observation of that. */
  sessions: v.record(v.string(), v.object({ touchedAt: time, sinceMs: time })),
});

type State = v.InferOutput<typeof state>;

/**
 * Measures how long sessions are idle, without belief in the clock of the system: a start with a
 * wrong clock must not make them old. Only time between observations counts.
 */
export class ObservedClock {
  readonly #path: string;
  #state: State | null;

  private constructor(path: string, stored: State | null) {
    this.#path = path;
    this.#state = stored;
  }

  static async open(dataDir: string, damaged: DamagedFiles): Promise<ObservedClock> {
    const path = join(dataDir, CLOCK);
    return new ObservedClock(path, await damaged.guard(CLOCK, () => readStored(path, state)));
  }

  /** The time that several observations agree on. It is never ahead because of one jump. */
  get believedAt(): number {
    return this.#state?.believedAt ?? 0;
  }

  /** Notes that these sessions exist at a time of the clock. */
  async observe(now: number, sessions: readonly Session[]): Promise<void> {
    const { seenAt, believedAt, observedMs, sessions: previous } = this.#state ?? createState(now);
    const observed = observedMs + Math.min(Math.max(now - seenAt, 0), MAX_STEP_MS);
    const entries = sessions.map(({ id, touchedAt }): [string, State['sessions'][string]] => {
      const known = Object.hasOwn(previous, id) ? previous[id] : undefined;
      const isSame = known && Math.abs(known.touchedAt - touchedAt) < SAME_TIME_MS;
      return [id, isSame ? known : { touchedAt, sinceMs: observed }];
    });
    this.#state = {
      version: VERSION,
      seenAt: now,
      believedAt: Math.max(believedAt, Math.min(now, believedAt + MAX_FOLLOW_MS)),
      observedMs: observed,
      sessions: Object.fromEntries(entries),
    };
    await writeJson(this.#path, this.#state);
  }

  /** How long a session was idle at the last observation. */
  getIdleMs(id: string): number {
    const session = this.#state?.sessions[id];
    return this.#state && session ? this.#state.observedMs - session.sinceMs : 0;
  }

  /** The time of the clock, unless that has lost the date. */
  correct(now: number): number {
    return now < this.believedAt - MAX_BEHIND_MS ? this.believedAt : now;
  }
}

function createState(now: number): State {
  return { version: VERSION, seenAt: now, believedAt: now, observedMs: 0, sessions: {} };
}
