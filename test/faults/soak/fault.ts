import type { Browser } from './browser.ts';
import type { Disk } from './disk.ts';
import type { Exchange, ExchangeLog } from './exchange-log.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { ProxyExchange } from './proxy-exchange.ts';
import type { Random } from './random.ts';
import type { ServerProcess } from './server-process.ts';
import type { Level, PlannedUpload } from './upload-plan.ts';
import type { UserActions } from './user-actions.ts';

/** Everything a fault may lay hands on. */
export interface Env {
  readonly level: Level;
  readonly server: ServerProcess;
  readonly disk: Disk;
  readonly proxy: FaultProxy;
  readonly log: ExchangeLog;
  readonly browser: Browser;
  readonly userActions: UserActions;
  /** Sessions whose requests are held back, until these resolve. */
  readonly gates: Map<string, Promise<void>>;
  /** Lets a fault of the wire come to the next request that it fits. */
  arm(name: string, happening: RequestFault): void;
  /** Uploads that the signed-in user has not queued yet, the largest first. */
  takeUnqueued(count: number): Promise<PlannedUpload[]>;
}

/** Whether a fault came to pass, found nothing to hit, or was left to the wire to bring about. */
export type Outcome = 'hit' | 'missed' | 'armed';

/** A fault of one upload request. */
export interface RequestFault {
  readonly where: 'wire';
  matches(exchange: Exchange): boolean;
  apply(passage: ProxyExchange, stage: Env): Promise<Outcome>;
}

/** A fault of anything else. */
export interface EnvironmentFault {
  readonly where: 'at large';
  run(stage: Env): Promise<Outcome>;
}

/** One kind of fault: a switch of its own, by name. */
export interface Fault {
  readonly name: string;
  /** Both unless given. */
  readonly level?: Level;
  /** How often it is drawn beside the others. */
  readonly weight: number;
  /**
   * Given where it takes the product minutes to go on, and so not in a short soak: `early` has the rest of the soak for it;
   * `late` comes when nothing else is left that would end it sooner.
   */
  readonly phase?: 'early' | 'late';
  /** How many uploads must be left to queue for it. */
  readonly reserved?: number;
  /** One happening of it, with everything that is left to chance drawn now. */
  draw(random: Random, level: Level): RequestFault | EnvironmentFault;
}

/** A fault of anything but the wire; `act` answers Come, or nothing for a hit. */
export function environmentFault(
  name: string,
  weight: number,
  act: (stage: Env, random: Random) => Promise<unknown>,
  spares = 0,
): Fault {
  return {
    name,
    weight,
    reserved: spares,
    draw(random) {
      const own = random.fork();
      return { where: 'at large', run: async (stage) => toOutcome(await act(stage, own)) };
    },
  };
}

function toOutcome(said: unknown): Outcome {
  return said === 'missed' || said === 'armed' ? said : 'hit';
}
