import { isOnMobileData } from '../shared/mobile-data.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';

/** The user's wish that nothing is sent over mobile data; the worker obeys it. */
export class MobileHold {
  readonly #db: UploadsDb;
  readonly #changed: () => void;
  #isWanted = false;

  /** @param changed is called when the wish has changed. */
  constructor(db: UploadsDb, changed: () => void) {
    this.#db = db;
    this.#changed = changed;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** Whether nothing is sent now because of it. */
  get isHeld(): boolean {
    return this.#isWanted && isOnMobileData();
  }

  /** Remembers the wish; what is on its way already ends. */
  async want(isWanted: boolean): Promise<void> {
    this.#isWanted = isWanted;
    await this.#db.settings.note('not on mobile data', isWanted);
    this.#changed();
  }

  /** The wish may have been made in another tab. */
  expect({ holdsOnMobile }: { holdsOnMobile: boolean }): void {
    this.#isWanted = holdsOnMobile;
  }
}
