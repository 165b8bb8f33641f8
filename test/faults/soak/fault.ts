import type { Browser } from './browser.ts';
import type { Disk } from './disk.ts';
import type { Exchange, ExchangeLog } from './exchange-log.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { ProxyExchange } from './proxy-exchange.ts';
import type { Random } from './random.ts';
import type { ServerProcess } from './server-process.ts';
import type { Level, PlannedUpload } from './upload-plan.ts';
import type { UserActions } from './user-actions.ts';

/** The environment that faults act on. */
export interface Env {
  readonly level: Level;
  readonly server: ServerProcess;
  readonly disk: Disk;
  readonly proxy: FaultProxy;
  readonly log: ExchangeLog;
  readonly browser: Browser;
  readonly userActions: UserActions;
  /** Sessions whose requests wait for these promises. */
  readonly gates: Map<string, Promise<void>>;
  /** Applies a request fault to the next request that matches. */
  arm(name: string, occurrence: RequestFault): void;
  /** The largest uploads that the signed-in user has not queued yet. */
  takeUnqueued(count: number): Promise<PlannedUpload[]>;
}

/** Whether a fault happened, found no target, or waits for a request. */
export type Outcome = 'hit' | 'missed' | 'armed';

/** A fault of one upload request. */
export interface RequestFault {
  readonly where: 'request';
  matches(exchange: Exchange): boolean;
  apply(proxied: ProxyExchange, env: Env): Promise<Outcome>;
}

/** A fault of the environment: tabs, worker, browser, disk, server. */
export interface EnvironmentFault {
  readonly where: 'environment';
  run(env: Env): Promise<Outcome>;
}

/** One kind of fault. */
export interface Fault {
  readonly name: string;
  /** Both unless given. */
  readonly level?: Level;
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
  /**
   * Set where recovery takes minutes, which excludes it from a short soak. `early` leaves the rest
   * of the soak for the recovery; `late` comes when no other event ends it sooner.
   */
  readonly phase?: 'early' | 'late';
  /** Number of uploads that must be left to queue. */
  readonly reserved?: number;
  /** Creates one occurrence and draws all its random values. */
  draw(random: Random, level: Level): RequestFault | EnvironmentFault;
}

/** Creates an environment fault. Without an outcome, `run` counts as a hit. */
export function environmentFault(
  name: string,
  weight: number,
  act: (env: Env, random: Random) => Promise<unknown>,
  spares = 0,
): Fault {
  return {
    name,
    weight,
    reserved: spares,
    draw(random) {
      const own = random.fork();
      return { where: 'environment', run: async (env) => toOutcome(await act(env, own)) };
    },
  };
}

function toOutcome(said: unknown): Outcome {
  return said === 'missed' || said === 'armed' ? said : 'hit';
}
