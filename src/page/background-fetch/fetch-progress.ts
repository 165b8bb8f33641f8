import {
  type BackgroundFetchRegistration,
  getBackgroundFetchId,
  getBackgroundFetchManager,
} from '../../shared/background-fetch.ts';
import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import type { Progress } from '../../shared/messages.ts';
import type { Bridge } from '../bridge.ts';
import { readProgress } from '../queue/progress.ts';
import type { UploadStore } from '../queue/upload-store.ts';
import type { UploadView } from '../queue/upload-views.ts';
import { ByteRate } from './byte-rate.ts';

interface FetchProgressDependencies {
  readonly db: UploadsDb;
  readonly bridge: Bridge;
  readonly store: UploadStore;
}

/** Follows the Background Fetches of uploads, and reports their progress to the list. */
export class FetchProgress {
  readonly #dependencies: FetchProgressDependencies;
  /** By id; keeps the registrations and their listeners alive. */
  readonly #followed = new Map<string, BackgroundFetchRegistration>();

  constructor(dependencies: FetchProgressDependencies) {
    this.#dependencies = dependencies;
  }

  /** Follows each Background Fetch that these uploads are in. */
  async follow(uploads: readonly UploadView[]): Promise<void> {
    const fetchIds = new Set(uploads.map(getBackgroundFetchId).filter((id) => id !== null));
    for (const fetchId of fetchIds) {
      if (this.#followed.has(fetchId)) continue;
      const manager = getBackgroundFetchManager(await this.#dependencies.bridge.registration);
      const fetch = await manager?.get(fetchId);
      // An assigned upload whose fetch has not started. The next change of the list tries again.
      if (!fetch || this.#followed.has(fetchId)) continue;
      this.#followed.set(fetchId, fetch);
      const fetched = uploads.filter((upload) => getBackgroundFetchId(upload) === fetchId);
      await this.#report(fetch, fetched);
    }
  }

  async #report(fetch: BackgroundFetchRegistration, uploads: readonly UploadView[]): Promise<void> {
    const { db, store } = this.#dependencies;
    const before = await Promise.all(uploads.map((upload) => readProgress(db, upload)));
    const rate = new ByteRate();
    const report = () => {
      rate.addSample(fetch.uploaded, performance.now());
      for (const progress of splitProgress(fetch, before, rate.bytesPerSecond)) store.setProgress(progress);
    };
    fetch.addEventListener('progress', report);
    report();
  }
}

/**
 * Splits the byte count of a Background Fetch among its uploads, which the browser sends in order.
 * None of these bytes are acknowledged.
 */
function splitProgress(
  { uploaded, uploadTotal }: Pick<BackgroundFetchRegistration, 'uploaded' | 'uploadTotal'>,
  before: readonly Progress[],
  rateBytesPerSecond: number | null,
): Progress[] {
  const leftBytes = before.reduce((sum, { bytesTotal, bytesUploaded }) => sum + bytesTotal - bytesUploaded, 0);
  // Request bodies are a little larger than the file bytes in them.
  let sent = uploadTotal > 0 ? Math.floor((uploaded / uploadTotal) * leftBytes) : 0;
  return before.map((progress) => {
    const own = Math.min(sent, progress.bytesTotal - progress.bytesUploaded);
    sent -= own;
    const bytesUploaded = progress.bytesUploaded + own;
    const secondsLeft = rateBytesPerSecond === null ? null : (progress.bytesTotal - bytesUploaded) / rateBytesPerSecond;
    return { ...progress, bytesUploaded, rateBytesPerSecond, secondsLeft };
  });
}
