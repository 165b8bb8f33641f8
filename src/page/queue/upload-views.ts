import { getBackgroundFetchId } from '../../shared/background-fetch.ts';
import type { Progress } from '../../shared/messages.ts';
import type { Upload } from '../../shared/upload.ts';
import {
  type CloseForecast,
  type Conditions,
  type ForecastInputs,
  forecastQueue,
  forecastUploads,
  type QueueCloseForecast,
  type RemainingUpload,
} from '../close-forecast.ts';
import { UNKNOWN_CONDITIONS } from '../conditions.ts';
import { getLeftBytes, withoutRate } from './progress.ts';

/** An upload with its progress. */
export type Row = Upload & { readonly progress: Progress };

/**
 * An upload with its progress, and the forecast of what happens to it if every page is closed now.
 */
export type UploadView = Row & { readonly closeForecast: CloseForecast };

/** The views of uploads, in the order of the queue. */
export class UploadViews {
  readonly #rows: ReadonlyMap<string, Row>;
  /** Null after a change. Ten thousand views are built at the next read, not at every change. */
  #views: ReadonlyMap<string, UploadView> | null = null;
  #all: readonly UploadView[] = [];
  readonly #cache = new WeakMap<Row, UploadView>();
  #conditions = UNKNOWN_CONDITIONS;

  /** @param rows the uploads. Their owner calls `invalidate` after each change. */
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

  /** The forecast of the whole queue. */
  get closeForecast(): QueueCloseForecast {
    return forecastQueue(this.all.map(toRemaining), this.#forecastInputs);
  }

  onConditions(conditions: Conditions): void {
    this.#conditions = conditions;
    this.invalidate();
  }

  invalidate(): void {
    this.#views = null;
  }

  #build(): ReadonlyMap<string, UploadView> {
    if (this.#views) return this.#views;
    const rows = [...this.#rows.values()].sort((a, b) => a.rank - b.rank);
    const forecasts = forecastUploads(rows.map(toRemaining), this.#forecastInputs);
    this.#all = rows.map((row) => this.#createView(row, forecasts.get(row.id) ?? { kind: 'nothing-left' }));
    this.#views = new Map(this.#all.map((view) => [view.id, view]));
    return this.#views;
  }

  /**
   * Returns the previous object for an unchanged view, so that a list of thousands can compare by
   * identity.
   */
  #createView(row: Row, closeForecast: CloseForecast): UploadView {
    const progress = this.#isLinkUp ? row.progress : withoutRate(row.progress);
    const cached = this.#cache.get(row);
    const isSameRate = cached?.progress.rateBytesPerSecond === progress.rateBytesPerSecond;
    if (cached && isSameRate && isEqual(cached.closeForecast, closeForecast)) return cached;
    const view = { ...row, progress, closeForecast };
    this.#cache.set(row, view);
    return view;
  }

  /** While it is false, nothing arrives: no rate and no time left are shown. */
  get #isLinkUp(): boolean {
    return this.#conditions.online;
  }

  /** The conditions, and the rates that worker and browser reported last. */
  get #forecastInputs(): ForecastInputs {
    let rateBytesPerSecond: number | null = null;
    let backgroundFetchBytesPerSecond: number | null = null;
    for (const row of this.#rows.values()) {
      const reported = row.progress.rateBytesPerSecond;
      if (getBackgroundFetchId(row) !== null) backgroundFetchBytesPerSecond = reported ?? backgroundFetchBytesPerSecond;
      else rateBytesPerSecond = reported ?? rateBytesPerSecond;
    }
    return { ...this.#conditions, rateBytesPerSecond, backgroundFetchBytesPerSecond };
  }
}

function toRemaining(row: Row): RemainingUpload {
  return { upload: row, leftBytes: getLeftBytes(row.progress) };
}

function isEqual(a: CloseForecast, b: CloseForecast): boolean {
  const keys = Object.keys(a) as (keyof CloseForecast)[];
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
