import type { Browser } from './browser.ts';
import type { Disk } from './disk.ts';
import type { Hands } from './hands.ts';
import type { Exchange, Ledger } from './ledger.ts';
import type { Passage } from './passage.ts';
import type { Level, Planned } from './planned.ts';
import type { Random } from './random.ts';
import type { ServerProcess } from './server-process.ts';
import type { Wire } from './wire.ts';

/** Everything a fault may lay hands on. */
export interface Stage {
  readonly level: Level;
  readonly server: ServerProcess;
  readonly disk: Disk;
  readonly wire: Wire;
  readonly ledger: Ledger;
  readonly browser: Browser;
  readonly hands: Hands;
  /** Sessions whose requests are held back, until these resolve. */
  readonly gates: Map<string, Promise<void>>;
  /** Lets a fault of the wire come to the next request that it fits. */
  arm(name: string, happening: OnTheWire): void;
  /** Uploads that the signed-in user has not queued yet, the largest first. */
  spare(count: number): Promise<Planned[]>;
}

/** Whether a fault came to pass, found nothing to hit, or was left to the wire to bring about. */
export type Come = 'hit' | 'missed' | 'armed';

/** A fault of one upload request. */
export interface OnTheWire {
  readonly where: 'wire';
  fits(exchange: Exchange): boolean;
  meets(passage: Passage, stage: Stage): Promise<Come>;
}

/** A fault of anything else. */
export interface AtLarge {
  readonly where: 'at large';
  act(stage: Stage): Promise<Come>;
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
  readonly slow?: 'early' | 'late';
  /** How many uploads must be left to queue for it. */
  readonly spares?: number;
  /** One happening of it, with everything that is left to chance drawn now. */
  draw(random: Random, level: Level): OnTheWire | AtLarge;
}

/** A fault of anything but the wire; `act` answers Come, or nothing for a hit. */
export function atLarge(
  name: string,
  weight: number,
  act: (stage: Stage, random: Random) => Promise<unknown>,
  spares = 0,
): Fault {
  return {
    name,
    weight,
    spares,
    draw(random) {
      const own = random.fork();
      return { where: 'at large', act: async (stage) => asCome(await act(stage, own)) };
    },
  };
}

function asCome(said: unknown): Come {
  return said === 'missed' || said === 'armed' ? said : 'hit';
}
