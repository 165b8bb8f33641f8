import type { EnvironmentFault, Fault, RequestFault } from './fault.ts';
import { BROWSER_FAULTS } from './faults-browser.ts';
import { RESPONSE_FAULTS } from './faults-responses.ts';
import { SERVER_FAULTS } from './faults-server.ts';
import { STAGING_FAULTS } from './faults-staging.ts';
import { CONNECTION_FAULTS } from './faults-wire.ts';
import type { Random } from './random.ts';
import { type Level, LONG_SOAK_UPLOADS } from './upload-plan.ts';

/** Every kind of fault there is. */
export const FAULTS: readonly Fault[] = [
  ...BROWSER_FAULTS,
  ...STAGING_FAULTS,
  ...CONNECTION_FAULTS,
  ...RESPONSE_FAULTS,
  ...SERVER_FAULTS,
];

/** One fault that is to happen when so many upload requests have come. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly at: number;
  readonly happening: RequestFault | EnvironmentFault;
}

/** How many of a slow fault: stalled requests must leave the pool room to go on. */
const SLOW_FAULT_COUNT = 2;

/** How a script is written. */
export interface FaultPlanOptions {
  readonly uploads: number;
  /** Requests that will come where nothing fails. */
  readonly requests: number;
  readonly level: Level;
  /** Names of faults; all unless given. */
  readonly only: readonly string[] | null;
}

/** The faults of a soak in their order: each kind at least once, and as many again by weight as half the uploads. */
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
    return { fault, at, happening: fault.draw(random, level) };
  });
  return steps.sort((a, b) => a.at - b.at);
}

/** In shares of all requests. */
const PHASES = { early: [0.02, 0.1], any: [0.03, 0.8], late: [0.85, 0.9] } as const;

function pickByWeight(faults: readonly Fault[], random: Random): Fault {
  let left = random.next() * faults.reduce((sum, { weight }) => sum + weight, 0);
  const drawn = faults.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return drawn ?? (faults[0] as Fault);
}
