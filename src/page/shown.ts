import { fetchIdOf } from '../shared/carrier.ts';
import { type Closing, forecast, forecastQueue, type Outlook, type QueueClosing } from '../shared/forecast.ts';
import type { Progress } from '../shared/messages.ts';
import type { Upload } from '../shared/upload.ts';
import { NO_OUTLOOK } from './outlook.ts';

/** An upload with how far it is. */
export type Row = Upload & { readonly progress: Progress };

/** An upload with how far it is, and what becomes of it if every page is closed now. */
export type UploadView = Row & { readonly closing: Closing };

/** Uploads in their order, each with what becomes of it if every page is closed now. */
export class Shown {
  readonly #rows: ReadonlyMap<string, Row>;
  /** Until something changes: ten thousand rows are not put together for each question. */
  #views: ReadonlyMap<string, UploadView> | null = null;
  #all: readonly UploadView[] = [];
  readonly #made = new WeakMap<Row, UploadView>();
  #outlook = NO_OUTLOOK;

  /** @param rows as they stand; whoever changes them says so. */
  constructor(rows: ReadonlyMap<string, Row>) {
    this.#rows = rows;
  }

  get all(): readonly UploadView[] {
    this.#show();
    return this.#all;
  }

  get(id: string): UploadView | undefined {
    return this.#show().get(id);
  }

  /** What becomes of all of them if every page is closed now. */
  get closing(): QueueClosing {
    return forecastQueue(this.all.map(remaining), this.#now);
  }

  /** What the future of the uploads hangs on has changed. */
  expect(outlook: Outlook): void {
    this.#outlook = outlook;
    this.changed();
  }

  /** The rows have changed. */
  changed(): void {
    this.#views = null;
  }

  /** What has not changed stays the same object, so that who shows thousands sees what has. */
  #show(): ReadonlyMap<string, UploadView> {
    if (this.#views) return this.#views;
    const rows = [...this.#rows.values()].sort((a, b) => a.rank - b.rank);
    const closings = forecast(rows.map(remaining), this.#now);
    this.#all = rows.map((row) => this.#viewOf(row, closings.get(row.id) ?? { kind: 'nothing-left' }));
    this.#views = new Map(this.#all.map((view) => [view.id, view]));
    return this.#views;
  }

  #viewOf(row: Row, closing: Closing): UploadView {
    const made = this.#made.get(row);
    if (made && isSame(made.closing, closing)) return made;
    const view = { ...row, closing };
    this.#made.set(row, view);
    return view;
  }

  /** The outlook at the rates that worker and browser told last. */
  get #now(): Outlook {
    let { rateBytesPerSecond, carrierBytesPerSecond } = this.#outlook;
    for (const row of this.#rows.values()) {
      const told = row.progress.rateBytesPerSecond;
      if (fetchIdOf(row) !== null) carrierBytesPerSecond = told ?? carrierBytesPerSecond;
      else rateBytesPerSecond = told ?? rateBytesPerSecond;
    }
    return { ...this.#outlook, rateBytesPerSecond, carrierBytesPerSecond };
  }
}

function remaining(row: Row) {
  return { upload: row, leftBytes: row.sizeBytes - row.progress.bytesUploaded };
}

/** Whether two forecasts say the same. */
function isSame(a: Closing, b: Closing): boolean {
  const keys = Object.keys(a) as (keyof Closing)[];
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
