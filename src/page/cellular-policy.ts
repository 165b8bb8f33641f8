import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { isOnCellular } from '../shared/network-information.ts';
import type { PageConditions } from './conditions.ts';

/** The user's choice to send nothing over cellular networks. The worker follows it. */
export class CellularPolicy {
  readonly #db: UploadsDb;
  readonly #onChange: () => void;
  #isEnabled = false;

  /** @param onChange is called when this page has changed the choice. */
  constructor(db: UploadsDb, onChange: () => void) {
    this.#db = db;
    this.#onChange = onChange;
  }

  /** Whether uploads pause on cellular networks. */
  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** Whether uploads are paused now, because the network is cellular. */
  get isPaused(): boolean {
    return this.#isEnabled && isOnCellular();
  }

  /** Stores the choice. Requests in flight finish. */
  async setEnabled(isEnabled: boolean): Promise<void> {
    this.#isEnabled = isEnabled;
    await this.#db.settings.set('pauseOnCellular', isEnabled);
    this.#onChange();
  }

  /** Takes over the choice of another tab. */
  onConditions({ pauseOnCellular }: PageConditions): void {
    this.#isEnabled = pauseOnCellular;
  }
}
