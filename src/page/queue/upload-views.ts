import { getBackgroundFetchId } from '../../shared/background-fetch.ts';
import {
  type CloseForecast,
  type Conditions,
  forecastQueue,
  forecastUploads,
  type QueueCloseForecast,
} from '../../shared/close-forecast.ts';
import type { Progress } from '../../shared/messages.ts';
import type { Upload } from '../../shared/upload.ts';
import { UNKNOWN_CONDITIONS } from '../conditions.ts';

/** An upload with how far it is. */
export type Row = Upload & { readonly progress: Progress };

/** An upload with how far it is, and what becomes of it if every page is closed now. */
export type UploadView = Row & { readonly closeForecast: CloseForecast };

/** Uploads in their order, each with what becomes of it if every page is closed now. */
export class UploadViews {
  readonly #rows: ReadonlyMap<string, Row>;
  /** Until something changes: ten thousand rows are not put together for each question. */
  #views: ReadonlyMap<string, UploadView> | null = null;
  #all: readonly UploadView[] = [];
  readonly #cache = new WeakMap<Row, UploadView>();
  #conditions = UNKNOWN_CONDITIONS;

  /** @param rows as they stand; whoever changes them says so. */
  constructor(rows: ReadonlyMap<string, Row>) {
    this.#rows = rows;
  }

  get all(): readonly UploadView[] {
    this.#build();
    return this.#all;
  }

  get(id: string): UploadView | undefined {
    return this.#build().get(id);
  }

  /** What becomes of all of them if every page is closed now. */
  get closeForecast(): QueueCloseForecast {
    return forecastQueue(this.all.map(toRemaining), this.#currentConditions);
  }

  /** What the future of the uploads hangs on has changed. */
  onConditions(outlook: Conditions): void {
    this.#conditions = outlook;
    this.invalidate();
  }

  /** The rows have changed. */
  invalidate(): void {
    this.#views = null;
  }

  /** What has not changed stays the same object, so that who shows thousands sees what has. */
  #build(): ReadonlyMap<string, UploadView> {
    if (this.#views) return this.#views;
    const rows = [...this.#rows.values()].sort((a, b) => a.rank - b.rank);
    const closings = forecastUploads(rows.map(toRemaining), this.#currentConditions);
    this.#all = rows.map((row) => this.#createView(row, closings.get(row.id) ?? { kind: 'nothing-left' }));
    this.#views = new Map(this.#all.map((view) => [view.id, view]));
    return this.#views;
  }

  #createView(row: Row, closeForecast: CloseForecast): UploadView {
    const made = this.#cache.get(row);
    if (made && isEqual(made.closeForecast, closeForecast)) return made;
    const view = { ...row, closeForecast };
    this.#cache.set(row, view);
    return view;
  }

  /** The outlook at the rates that worker and browser told last. */
  get #currentConditions(): Conditions {
    let { rateBytesPerSecond, backgroundFetchBytesPerSecond: carrierBytesPerSecond } = this.#conditions;
    for (const row of this.#rows.values()) {
      const told = row.progress.rateBytesPerSecond;
      if (getBackgroundFetchId(row) !== null) carrierBytesPerSecond = told ?? carrierBytesPerSecond;
      else rateBytesPerSecond = told ?? rateBytesPerSecond;
    }
    return { ...this.#conditions, rateBytesPerSecond, backgroundFetchBytesPerSecond: carrierBytesPerSecond };
  }
}

function toRemaining(row: Row) {
  return { upload: row, leftBytes: row.sizeBytes - row.progress.bytesUploaded };
}

/** Whether two forecasts say the same. */
function isEqual(a: CloseForecast, b: CloseForecast): boolean {
  const keys = Object.keys(a) as (keyof CloseForecast)[];
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
