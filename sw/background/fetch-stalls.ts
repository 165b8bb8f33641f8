import type { BackgroundFetchRegistration } from '../../src/shared/background-fetch.ts';
import type { FetchStall } from '../../src/shared/db/preferences.ts';
import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import type { Clock } from '../ports/clock.ts';

/** A Background Fetch is stalled after it has sent nothing for this long while online, in ms. */
const STALL_MS = 5 * 60_000;
/**
 * The longest time between two checks that counts, in ms. A hidden page wakes the worker once a
 * minute; nothing is known about a longer gap.
 */
const MAX_OBSERVED_MS = 60_000;

/** The dependencies of `findStalledFetches`. */
export interface FetchStallsDependencies {
  readonly db: UploadsDb;
  readonly clock: Clock;
  online(): boolean;
}

/**
 * Finds the Background Fetches that have sent nothing for 5 minutes while online, and stores how
 * far each one is for the next check.
 *
 * @returns their ids.
 */
export async function findStalledFetches(
  { clock, db, online }: FetchStallsDependencies,
  running: ReadonlyMap<string, BackgroundFetchRegistration>,
): Promise<ReadonlySet<string>> {
  const previous = await db.settings.get('fetchStalls');
  const now = clock.now();
  // The browser runs registrations one after another: while one moves or ends, the others wait.
  const isMoving = Object.entries(previous).some(([id, { sentBytes }]) => running.get(id)?.uploaded !== sentBytes);
  // Store nothing while offline: each fetch then has its full 5 minutes after the reconnect.
  const checked = online() ? [...running.values()] : [];
  const stalls = checked.map(({ id, uploaded }): [string, FetchStall] => {
    // Partial, because older versions stored other fields.
    const last: Partial<FetchStall> = (isMoving ? undefined : previous[id]) ?? {};
    const { checkedAt = now, stalledMs = 0 } = last;
    // Between two checks the machine may have slept, or its clock may have been set back.
    const observedMs = Math.min(Math.max(now - checkedAt, 0), MAX_OBSERVED_MS);
    return [id, { sentBytes: uploaded, checkedAt: now, stalledMs: stalledMs + observedMs }];
  });
  if (stalls.length > 0 || Object.keys(previous).length > 0)
    await db.settings.set('fetchStalls', Object.fromEntries(stalls));
  return new Set(stalls.filter(([, { stalledMs }]) => stalledMs >= STALL_MS).map(([id]) => id));
}
