import { abilitiesOf } from '../shared/budgets.ts';
import { mayCarry } from '../shared/carrier.ts';
import type { Outlook } from '../shared/forecast.ts';
import { connection, isOnMobileData } from '../shared/mobile-data.ts';
import type { CarrierMode } from '../shared/notes.ts';
import { beingStaged } from '../shared/staging.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';

// lib.dom does not know Background Sync (https://wicg.github.io/background-sync/spec/).
type WithSync = ServiceWorkerRegistration & { readonly sync?: { getTags(): Promise<string[]> } };

/** The outlook, with what is known of handing over to the browser. */
export interface Sight extends Outlook {
  readonly mayCarry: boolean;
  readonly mode: CarrierMode;
  readonly holdsOnMobile: boolean;
}

/** What this browser promises before anything is known of it: nothing. */
export const NO_OUTLOOK: Outlook = {
  abilities: { backgroundSync: false, backgroundFetch: false },
  online: true,
  alarms: 0,
  copying: new Set(),
  rateBytesPerSecond: null,
  carrierBytesPerSecond: null,
};

/** Reads what the future of uploads hangs on: the engine, the alarms that are registered, what is being copied, the rate measured last. */
async function readOutlook(db: UploadsDb): Promise<Sight> {
  const [registration, endpoint] = await Promise.all([
    navigator.serviceWorker.getRegistration(),
    db.settings.endpoint(),
  ]);
  const learned = endpoint && (await db.settings.learned(endpoint.uploads));
  const tags = await (registration as WithSync | undefined)?.sync?.getTags();
  const abilities = registration ? abilitiesOf(registration) : NO_OUTLOOK.abilities;
  const holdsOnMobile = await db.settings.noted('not on mobile data');
  const isHeld = holdsOnMobile && isOnMobileData();
  // Chromium starts no Background Fetch that would have to ask another origin first.
  const isOwn = endpoint !== null && new URL(endpoint.uploads).origin === location.origin;
  return {
    abilities,
    mayCarry: !isHeld && abilities.backgroundFetch && isOwn && learned !== null && mayCarry(learned),
    mode: await db.settings.noted('carrier'),
    holdsOnMobile,
    // A network that may not be used is none.
    online: navigator.onLine && !isHeld,
    // No alarm fires because mobile data becomes something else.
    alarms: isHeld ? 0 : (tags?.length ?? 0),
    copying: await beingStaged(),
    rateBytesPerSecond: learned?.rateBytesPerSecond ?? null,
    carrierBytesPerSecond: null,
  };
}

/** Whoever has to know what is ahead. */
export interface Expecting {
  expect(sight: Sight): void;
}

/** The least time between two looks, in ms. */
const LOOK_EVERY_MS = 1000;

/** Keeps an eye on the outlook: looks when it is told to or the network comes or goes, and says what it sees. */
export class Watch {
  readonly #db: UploadsDb;
  readonly #parts: readonly Expecting[];
  readonly #closed: AbortSignal;
  #willLook = false;

  constructor(db: UploadsDb, parts: readonly Expecting[], closed: AbortSignal) {
    this.#db = db;
    this.#parts = parts;
    this.#closed = closed;
    for (const type of ['online', 'offline']) addEventListener(type, () => this.look(), { signal: closed });
    connection()?.addEventListener('change', () => this.look(), { signal: closed });
  }

  /** Looks soon; many calls of one moment are one look. */
  look(): void {
    if (this.#willLook) return;
    this.#willLook = true;
    setTimeout(() => void this.#look().catch(() => undefined), LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    this.#willLook = false;
    if (this.#closed.aborted) return;
    const sight = await readOutlook(this.#db);
    for (const part of this.#parts) part.expect(sight);
  }
}
