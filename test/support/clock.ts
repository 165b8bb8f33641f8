import type { Clock } from '../../sw/clock.ts';

/** A clock whose ticks are told by the test; nothing that sleeps by it ever wakes. */
export function createTickClock(ticks: () => number): Clock {
  return { now: () => 0, ticks, random: () => 0, sleep: () => new Promise<void>(() => undefined) };
}
