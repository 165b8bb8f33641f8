import type { EnvironmentFault, Fault, RequestFault } from './fault.ts';
import { BROWSER_FAULTS } from './faults-browser.ts';
import { CONNECTION_FAULTS } from './faults-connection.ts';
import { RESPONSE_FAULTS } from './faults-responses.ts';
import { SERVER_FAULTS } from './faults-server.ts';
import { STAGING_FAULTS } from './faults-staging.ts';
import type { Random } from './random.ts';
import { type Level, LONG_SOAK_UPLOADS } from './upload-plan.ts';

/** Every kind of fault. */
export const FAULTS: readonly Fault[] = [
  ...BROWSER_FAULTS,
  ...STAGING_FAULTS,
  ...CONNECTION_FAULTS,
  ...RESPONSE_FAULTS,
  ...SERVER_FAULTS,
];

/** A fault that happens after a number of upload requests. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly at: number;
  readonly occurrence: RequestFault | EnvironmentFault;
}

/** How often a slow fault happens: stalled requests must leave room in the pool. */
const SLOW_FAULT_COUNT = 2;

/** What a plan depends on. */
export interface FaultPlanOptions {
  readonly uploads: number;
  /** Number of requests without any fault. */
  readonly requests: number;
  readonly level: Level;
  /** Names of faults. All unless given. */
  readonly only: readonly string[] | null;
}

/**
 * Plans the faults of a soak: each kind at least once, and half as many again as uploads, by
 * weight.
 */
export function planFaults({ uploads, requests, level, only }: FaultPlanOptions, random: Random): PlannedFault[] {
  const isLong = uploads >= LONG_SOAK_UPLOADS;
  const kinds = FAULTS.filter(
    (fault) =>
      (fault.level ?? level) === level && (only ? only.includes(fault.name) : isLong || fault.phase === undefined),
  );
  const slow = kinds.filter((fault) => fault.phase !== undefined);
  const others = kinds.filter((fault) => fault.phase === undefined);
  const drawn = [...others, ...slow.flatMap((fault) => Array.from({ length: SLOW_FAULT_COUNT }, () => fault))];
  if (isLong && others.length > 0) {
    for (let extra = Math.floor(uploads / 2); extra > 0; extra--) drawn.push(pickByWeight(others, random));
  }
  const steps = drawn.map((fault): PlannedFault => {
    const [from, to] = PHASES[fault.phase ?? 'any'];
    const at = Math.floor(requests * (from + random.next() * (to - from)));
    return { fault, at, occurrence: fault.draw(random, level) };
  });
  return steps.sort((a, b) => a.at - b.at);
}

/** As shares of all requests. */
const PHASES = { early: [0.02, 0.1], any: [0.03, 0.8], late: [0.85, 0.9] } as const;

function pickByWeight(faults: readonly Fault[], random: Random): Fault {
  let left = random.next() * faults.reduce((sum, { weight }) => sum + weight, 0);
  const drawn = faults.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return drawn ?? (faults[0] as Fault);
}
