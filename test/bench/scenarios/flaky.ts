import { APP, POOL, RESUMABLE_PEERS } from '../entries.ts';
import type { LinkOptions } from '../link/link.ts';
import { MBIT, MIB, SLOW, SLOW_WAIT_MS } from '../links.ts';
import { type RaceFacts, raceScenario } from '../race/race-scenario.ts';
import type { Scenario } from '../scenario.ts';

/** A client that needs more than this does not count as one that finishes. */
const MOST_TIMES_IDEAL = 8;

/** Cuts of all connections, 12 s up and 3 s down. */
export const cut12 = flaky('cut-12-3', 60, { ...SLOW, cuts: { upMs: 12_000, downMs: 3000 } });

/** More cuts, in shorter intervals. */
export const cut5 = flaky('cut-5-1', 30, { ...SLOW, cuts: { upMs: 5000, downMs: 1000 } });

/** Fewer cuts of a slower link. */
export const cut30 = flaky('cut-30-5', 60, {
  ...SLOW,
  bytesPerSecond: 8 * MBIT,
  cuts: { upMs: 30_000, downMs: 5000 },
});

/** Resets of single connections. */
export const resets = flaky('resets', 60, { ...SLOW, resetAfterBytes: 8 * MIB });

/** The app without extensions of its server, which the others do not notice. */
export const basicCut = flaky(
  'basic-cut-12-3',
  120,
  { ...SLOW, cuts: { upMs: 12_000, downMs: 3000 } },
  { appLevel: 'basic' },
);

function flaky(name: string, mib: number, link: LinkOptions, more: Partial<RaceFacts> = {}): Scenario {
  const level = more.appLevel === 'basic' ? ', the app’s server at the basic level' : '';
  return raceScenario(name, `${mib} MiB, ${describe(link)}, 0.2 s server wait${level}`, {
    link,
    waitMs: SLOW_WAIT_MS,
    files: [mib * MIB],
    limitSeconds: (MOST_TIMES_IDEAL * mib * MIB) / link.bytesPerSecond,
    entries: [APP, ...RESUMABLE_PEERS, POOL],
    ...more,
  });
}

function describe({ bytesPerSecond, rttMs, cuts, resetAfterBytes }: LinkOptions): string {
  const parts = [`${bytesPerSecond / MBIT} Mbit/s`, `RTT ${rttMs} ms`];
  if (cuts) parts.push(`all connections cut, ${cuts.upMs / 1000} s up and ${cuts.downMs / 1000} s down`);
  if (resetAfterBytes !== undefined) parts.push(`each connection reset after ${resetAfterBytes / MIB} MiB on average`);
  return parts.join(', ');
}
