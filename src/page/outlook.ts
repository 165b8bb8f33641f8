import { abilitiesOf } from '../shared/budgets.ts';
import type { Outlook } from '../shared/forecast.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';

// lib.dom does not know Background Sync (https://wicg.github.io/background-sync/spec/).
type WithSync = ServiceWorkerRegistration & { readonly sync?: { getTags(): Promise<string[]> } };

/** What this browser promises before anything is known of it: nothing. */
export const NO_OUTLOOK: Outlook = {
  abilities: { backgroundSync: false, backgroundFetch: false },
  online: true,
  alarms: 0,
  rateBytesPerSecond: null,
};

/** Reads what the future of uploads hangs on: the engine, the alarms that are registered, the rate measured last. */
export async function readOutlook(db: UploadsDb): Promise<Outlook> {
  const [registration, endpoint] = await Promise.all([navigator.serviceWorker.getRegistration(), db.endpoint()]);
  const learned = endpoint && (await db.learned(endpoint.uploads));
  const tags = await (registration as WithSync | undefined)?.sync?.getTags();
  return {
    abilities: registration ? abilitiesOf(registration) : NO_OUTLOOK.abilities,
    online: navigator.onLine,
    alarms: tags?.length ?? 0,
    rateBytesPerSecond: learned?.rateBytesPerSecond ?? null,
  };
}

/** The least time between two looks, in ms. */
const LOOK_EVERY_MS = 1000;

/** Keeps an eye on the outlook: looks when it is told to or the network comes or goes, and says what it sees. */
export class Watch {
  readonly #db: UploadsDb;
  readonly #said: (outlook: Outlook) => void;
  readonly #closed: AbortSignal;
  #willLook = false;

  constructor(db: UploadsDb, said: (outlook: Outlook) => void, closed: AbortSignal) {
    this.#db = db;
    this.#said = said;
    this.#closed = closed;
    for (const type of ['online', 'offline']) addEventListener(type, () => this.look(), { signal: closed });
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
    this.#said(await readOutlook(this.#db));
  }
}
