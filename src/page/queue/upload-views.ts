import { getBackgroundFetchId } from '../../shared/background-fetch.ts';
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
import { type Attempted, findProblem, isOfServer, type ServerProblem } from './server-problem.ts';

/**
 * An upload with its progress, why nothing of it arrives at present, and the forecast of what
 * happens to it if every page is closed now.
 */
export type UploadView = Attempted & {
  readonly closeForecast: CloseForecast;
  /** Null unless the worker tries again. */
  readonly serverProblem: ServerProblem | null;
};

/** The views of uploads, in the order of the queue. */
export class UploadViews {
  readonly #rows: ReadonlyMap<string, Attempted>;
  /** Null after a change. Ten thousand views are built at the next read, not at every change. */
  #views: ReadonlyMap<string, UploadView> | null = null;
  #all: readonly UploadView[] = [];
  readonly #cache = new WeakMap<Attempted, UploadView>();
  #conditions = UNKNOWN_CONDITIONS;

  /** @param rows the uploads. Their owner calls `invalidate` after each change. */
  constructor(rows: ReadonlyMap<string, Attempted>) {
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
    const remaining = this.all.map((view) => this.#toRemaining(view));
    return forecastQueue(remaining, this.#forecastInputs);
  }

  /** What holds back all uploads; null while bytes of one arrive. */
  get serverProblem(): ServerProblem | null {
    let found: ServerProblem | null = null;
    for (const { progress, serverProblem } of this.all) {
      if (progress.rateBytesPerSecond !== null) return null;
      if (serverProblem && isOfServer(serverProblem)) found ??= serverProblem;
    }
    return found;
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
    const remaining = rows.map((row) => this.#toRemaining(row));
    const forecasts = forecastUploads(remaining, this.#forecastInputs);
    this.#all = rows.map((row) => this.#createView(row, forecasts.get(row.id) ?? { kind: 'nothing-left' }));
    this.#views = new Map(this.#all.map((view) => [view.id, view]));
    return this.#views;
  }

  /**
   * Returns the previous object for an unchanged view, so that a list of thousands can compare by
   * identity.
   */
  #createView(row: Attempted, closeForecast: CloseForecast): UploadView {
    const progress = this.#isLinkUp ? row.progress : withoutRate(row.progress);
    const serverProblem = findProblem(row, this.#conditions);
    const cached = this.#cache.get(row);
    const isSameRate = cached && cached.progress.rateBytesPerSecond === progress.rateBytesPerSecond;
    const isSame = isSameRate && isEqual(cached.serverProblem, serverProblem);
    if (isSame && isEqual(cached.closeForecast, closeForecast)) return cached;
    const view = { ...row, progress, closeForecast, serverProblem };
    this.#cache.set(row, view);
    return view;
  }

  #toRemaining(row: Attempted): RemainingUpload {
    return { upload: row, leftBytes: getLeftBytes(row.progress), problem: findProblem(row, this.#conditions) };
  }

  /** While it is false, nothing arrives: no rate and no time left are shown. */
  get #isLinkUp(): boolean {
    const { online, linkProblem } = this.#conditions;
    return online && linkProblem === null;
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

function isEqual<T extends object>(a: T | null, b: T | null): boolean {
  if (a === null || b === null) return a === b;
  const keys = Object.keys(a) as (keyof T)[];
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
