import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { isOnCellular } from '../shared/network-information.ts';

/** The user's wish that nothing is sent over mobile data; the worker obeys it. */
export class CellularPolicy {
  readonly #db: UploadsDb;
  readonly #onChange: () => void;
  #isEnabled = false;

  /** @param changed is called when the wish has changed. */
  constructor(db: UploadsDb, changed: () => void) {
    this.#db = db;
    this.#onChange = changed;
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** Whether nothing is sent now because of it. */
  get isPaused(): boolean {
    return this.#isEnabled && isOnCellular();
  }

  /** Remembers the wish; what is on its way already ends. */
  async setPaused(isWanted: boolean): Promise<void> {
    this.#isEnabled = isWanted;
    await this.#db.settings.set('pauseOnCellular', isWanted);
    this.#onChange();
  }

  /** The wish may have been made in another tab. */
  onConditions({ holdsOnMobile }: { holdsOnMobile: boolean }): void {
    this.#isEnabled = holdsOnMobile;
  }
}
