import type { IDBPDatabase } from 'idb';
import { isExpired, isWithinLimits, type Share } from '../share.ts';
import type { Upload } from '../upload.ts';
import { getRankAfter } from './queue-order.ts';
import { createOwnerRange, type Schema } from './schema.ts';

/** The shares: files from outside that are no uploads before the user has confirmed them. */
export class SharesStore {
  readonly #db: IDBPDatabase<Schema>;

  constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  /** Holds a share until the user confirms it; returns false if there would be too many. */
  async add(share: Share): Promise<boolean> {
    await this.#removeExpired();
    const tx = this.#db.transaction('shares', 'readwrite');
    const held = (await tx.store.getAll()).filter(({ uploadIds }) => uploadIds === null);
    const isAllowed = isWithinLimits([...held, share]);
    await Promise.all([isAllowed && tx.store.add(share), tx.done]);
    return isAllowed;
  }

  /** The shares of a user, and those for whoever signs in next; the latest first. */
  async list(ownerId: string | null): Promise<Share[]> {
    await this.#removeExpired();
    const all = await this.#db.getAll('shares');
    const own = all.filter((share) => share.ownerId === null || share.ownerId === ownerId);
    return own.sort((a, b) => b.receivedAt - a.receivedAt);
  }

  /**
   * Turns a share into uploads, one for each of its files, at the end of their owner's queue. Does
   * nothing if the share is gone, or another tab has confirmed it.
   *
   * @param confirmed the share with the files and the owner that the user has chosen.
   */
  async confirm(confirmed: Share, uploads: readonly Upload[]): Promise<void> {
    const tx = this.#db.transaction(['shares', 'uploads'], 'readwrite');
    const [shares, queue] = [tx.objectStore('shares'), tx.objectStore('uploads')];
    if ((await shares.get(confirmed.id))?.uploadIds === null) {
      await shares.put({ ...confirmed, uploadIds: uploads.map(({ id }) => id) });
      for (const upload of uploads) {
        const last = await queue.index('owner').openCursor(createOwnerRange(upload.ownerId), 'prev');
        await queue.add({ ...upload, rank: getRankAfter(last?.value.rank ?? 0) });
      }
    }
    await tx.done;
  }

  async remove(id: string): Promise<void> {
    await this.#db.delete('shares', id);
  }

  /** Removes all shares of one user. */
  async removeAllOf(ownerId: string): Promise<void> {
    await this.#removeWhere((share) => share.ownerId === ownerId);
  }

  #removeExpired(): Promise<void> {
    const now = Date.now();
    return this.#removeWhere((share) => isExpired(share, now));
  }

  async #removeWhere(isMet: (share: Share) => boolean): Promise<void> {
    const tx = this.#db.transaction('shares', 'readwrite');
    const removed = (await tx.store.getAll()).filter(isMet);
    await Promise.all([...removed.map(({ id }) => tx.store.delete(id)), tx.done]);
  }
}
