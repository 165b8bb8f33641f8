import { needsWorker, type Upload } from '../../src/shared/upload.ts';
import { canSendNow, isBackgroundWork, readyAt } from './readiness.ts';

/** The uploads of a run that have no open pipeline. */
export class Backlog {
  readonly #uploads = new Map<string, Upload>();

  get size(): number {
    return this.#uploads.size;
  }

  get hasBackgroundWork(): boolean {
    for (const upload of this.#uploads.values()) if (isBackgroundWork(upload)) return true;
    return false;
  }

  clear(): void {
    this.#uploads.clear();
  }

  /** Keeps the current record of an upload, unless the driver will have nothing to do for it. */
  put(upload: Upload, now: number): void {
    const isUseful =
      needsWorker(upload) && (canSendNow(upload, now) || readyAt(upload) !== null || isBackgroundWork(upload));
    if (isUseful) this.#uploads.set(upload.id, upload);
    else this.#uploads.delete(upload.id);
  }

  delete(id: string): void {
    this.#uploads.delete(id);
  }

  /**
   * Takes the upload with the lowest rank that can be sent now; null if there is none.
   *
   * @param accepts false skips an upload.
   */
  take(now: number, accepts: (upload: Upload) => boolean = () => true): Upload | null {
    let first: Upload | null = null;
    for (const upload of this.#uploads.values()) {
      if (first && first.rank <= upload.rank) continue;
      if (accepts(upload) && canSendNow(upload, now)) first = upload;
    }
    if (first) this.#uploads.delete(first.id);
    return first;
  }

  /** Takes this upload; null if it has a session or cannot be sent now. */
  takeWithoutSession(id: string, now: number): Upload | null {
    const upload = this.#uploads.get(id);
    if (!upload || upload.session || !canSendNow(upload, now)) return null;
    this.#uploads.delete(id);
    return upload;
  }

  /** When the next attempt of any upload is due, in ms since 1970; infinite if none has a time. */
  nextDueAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const upload of this.#uploads.values()) next = Math.min(next, readyAt(upload) ?? next);
    return next;
  }
}
