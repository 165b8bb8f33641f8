import { needsWorker, type Upload } from '../../src/shared/upload.ts';
import { isSmall } from '../send/pipeline.ts';
import { canSendNow, isBackgroundWork, readyAt } from './readiness.ts';

/** The uploads of one run that are not taken up. */
export class Backlog {
  readonly #uploads = new Map<string, Upload>();

  get hasBackgroundWork(): boolean {
    for (const upload of this.#uploads.values()) if (isBackgroundWork(upload)) return true;
    return false;
  }

  clear(): void {
    this.#uploads.clear();
  }

  /** Takes an upload as it stands now, if the driver may ever have something to do for it. */
  put(upload: Upload, now: number): void {
    const isOfUse =
      needsWorker(upload) && (canSendNow(upload, now) || readyAt(upload) !== null || isBackgroundWork(upload));
    if (isOfUse) this.#uploads.set(upload.id, upload);
    else this.#uploads.delete(upload.id);
  }

  delete(id: string): void {
    this.#uploads.delete(id);
  }

  /** Takes out the first one that something could be sent for now; null when there is none. */
  take(now: number, onlySmall: boolean): Upload | null {
    let first: Upload | null = null;
    for (const upload of this.#uploads.values()) {
      if (first && first.rank <= upload.rank) continue;
      if ((!onlySmall || isSmall(upload)) && canSendNow(upload, now)) first = upload;
    }
    if (first) this.#uploads.delete(first.id);
    return first;
  }

  /** Takes out this one; null when it has a session, or nothing could be sent for it now. */
  takeWithoutSession(id: string, now: number): Upload | null {
    const upload = this.#uploads.get(id);
    if (!upload || upload.session || !canSendNow(upload, now)) return null;
    this.#uploads.delete(id);
    return upload;
  }

  /** When the next upload becomes ready by itself, in ms since 1970; never when none does. */
  nextDueAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const upload of this.#uploads.values()) next = Math.min(next, readyAt(upload) ?? next);
    return next;
  }
}
