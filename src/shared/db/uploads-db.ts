import type { IDBPDatabase, IDBPTransaction } from 'idb';
import { UploadError } from '../errors.ts';
import { canTransition, isKnown, type Status, type Upload } from '../upload.ts';
import { type DbConnection, openConnection } from './db-connection.ts';
import { getRankAfter, reorder } from './queue-order.ts';
import { createOwnerRange, createReceiptRange, type Receipt, type Schema, type UploadPage } from './schema.ts';
import { Settings } from './settings.ts';

const DB_NAME = 'parallel-chunk-uploader';
const UPLOAD_STORES: ('uploads' | 'pieces' | 'receipts')[] = ['uploads', 'pieces', 'receipts'];

/** So many records are read, of each status, before all are. */
const SAMPLE_SIZE = 8;

/** A change of one upload: the record as it should be, or null to leave it. */
export type Transition = (upload: Upload) => Upload | null;

/** The truth: every fact about every upload, in transactions. The one place that knows the stores, but for what is kept beside them. */
export class UploadsDb {
  /** What is kept beside the uploads. */
  readonly settings: Settings;
  readonly #db: IDBPDatabase<Schema>;
  /** Resolves when nothing can be read or written here any more, with what there is to say of that. */
  readonly terminated: Promise<UploadError>;

  private constructor({ db, terminated: lost }: DbConnection) {
    this.#db = db;
    this.settings = new Settings(db);
    this.terminated = lost;
  }

  /**
   * Opens the database; a connection gives way by itself when a newer version of the app wants to upgrade it.
   *
   * @param name another one is another database; only tests have a use for that.
   * @throws UploadError `newer_version` when a newer version of the app has stored its uploads there.
   */
  static async open(name = DB_NAME): Promise<UploadsDb> {
    return new UploadsDb(await openConnection(name));
  }

  close(): void {
    this.#db.close();
  }

  /** Queues an upload behind all others of its owner. */
  async add(upload: Upload): Promise<Upload> {
    const tx = this.#db.transaction('uploads', 'readwrite');
    const last = await tx.store.index('owner').openCursor(createOwnerRange(upload.ownerId), 'prev');
    const queued = { ...upload, rank: getRankAfter(last?.value.rank ?? 0) };
    await Promise.all([tx.store.add(queued), tx.done]);
    return queued;
  }

  /** Moves an upload before another of the same owner, or behind all where `beforeId` is null; one that is not known stays. */
  async moveBefore(id: string, beforeId: string | null): Promise<void> {
    const tx = this.#db.transaction('uploads', 'readwrite');
    const found = await tx.store.get(id);
    const upload = found && isKnown(found) ? found : undefined;
    // Also what is not known has its place: a rank says nothing of the rest of a record.
    const all = upload ? await tx.store.index('owner').getAll(createOwnerRange(upload.ownerId)) : [];
    const others = all.filter((other) => other.id !== id);
    const changes = upload ? reorder(upload, others, beforeId) : [];
    await Promise.all(changes.map((change) => tx.store.put(change)));
    await tx.done;
  }

  /** Undefined also for what a newer version left in a state that is not known here. */
  async get(id: string): Promise<Upload | undefined> {
    const upload = await this.#db.get('uploads', id);
    return upload && isKnown(upload) ? upload : undefined;
  }

  /** All uploads of one user in their order. */
  async list(ownerId: string): Promise<Upload[]> {
    return (await this.readPage(ownerId)).uploads;
  }

  /** Those of them from a rank on, at most so many; the next slice begins at `nextRank`, null where there is none. */
  async readPage(ownerId: string, fromRank?: number, most?: number): Promise<UploadPage> {
    const all = await this.#db.getAllFromIndex('uploads', 'owner', createOwnerRange(ownerId, fromRank), most);
    const last = all.length === most ? all.at(-1) : undefined;
    return { uploads: all.filter(isKnown), nextRank: last?.rank ?? null };
  }

  /** Those uploads of one user that are at one of these, in no order; of each status at most so many. */
  async listByStatus(ownerId: string, statuses: readonly Status[], most?: number): Promise<Upload[]> {
    const index = this.#db.transaction('uploads').store.index('status');
    const lists = await Promise.all(statuses.map((status) => index.getAll([ownerId, status], most)));
    return lists.flat().filter(isKnown);
  }

  /**
   * Whether `is` holds for one of those uploads of a user that are at one of these. The first few are asked first, which mostly
   * is enough; not by a cursor, which takes a turn for each of ten thousand.
   */
  async someByStatus(ownerId: string, statuses: readonly Status[], is: (upload: Upload) => boolean): Promise<boolean> {
    return (
      (await this.listByStatus(ownerId, statuses, SAMPLE_SIZE)).some(is) ||
      (await this.listByStatus(ownerId, statuses)).some(is)
    );
  }

  /** How many uploads of one user are at one of these. */
  async countByStatus(ownerId: string, statuses: readonly Status[]): Promise<number> {
    const index = this.#db.transaction('uploads').store.index('status');
    const counts = await Promise.all(statuses.map((status) => index.count([ownerId, status])));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Changes one upload in one transaction, if the transition table allows it.
   *
   * @returns the record as it stands now; undefined when there is none.
   */
  async update(id: string, step: Transition): Promise<Upload | undefined> {
    const tx = this.#db.transaction('uploads', 'readwrite');
    const before = await tx.store.get(id);
    const after = before && applyTransition(before, step);
    if (after) await tx.store.put(after);
    await tx.done;
    return after ?? before;
  }

  /**
   * Changes those uploads of one user that are at one of these as `change` does, in one transaction: all of them, or none.
   *
   * @returns the ids of those that changed.
   */
  async updateAll(ownerId: string, statuses: readonly Status[], step: Transition): Promise<string[]> {
    const tx = this.#db.transaction('uploads', 'readwrite');
    const index = tx.store.index('status');
    const uploads = (await Promise.all(statuses.map((status) => index.getAll([ownerId, status])))).flat();
    const wanted = uploads.map((upload) => applyTransition(upload, step)).filter((upload) => upload !== null);
    await Promise.all([...wanted.map((upload) => tx.store.put(upload)), tx.done]);
    return wanted.map(({ id }) => id);
  }

  /**
   * Stores the next pieces of an upload together with how far staging is.
   *
   * @throws UploadError `unknown_upload` when the record is gone or not known here, so that staging ends with it.
   */
  async putPieces(
    id: string,
    firstN: number,
    pieces: readonly (Blob | ArrayBuffer)[],
    step: Transition,
  ): Promise<Upload> {
    // Relaxed: a piece lost to a power cut is staged again, and waiting for the disk would halve the speed.
    const tx = this.#db.transaction(['uploads', 'pieces'], 'readwrite', { durability: 'relaxed' });
    const uploads = tx.objectStore('uploads');
    const before = await uploads.get(id);
    const after = before && isKnown(before) && step(before);
    if (!after) {
      await tx.done;
      throw new UploadError('unknown_upload', 'This upload was removed.');
    }
    const puts = pieces.map((piece, i) => tx.objectStore('pieces').put(piece, [id, firstN + i]));
    await Promise.all([...puts, uploads.put(after), tx.done]);
    return after;
  }

  /** The staged pieces `[from, to)` of an upload, in order. */
  async pieces(id: string, from: number, to: number): Promise<(Blob | ArrayBuffer)[]> {
    // An empty range of keys is not one that IndexedDB can say: it throws.
    if (from >= to) return [];
    return this.#db.getAll('pieces', IDBKeyRange.bound([id, from], [id, to], false, true));
  }

  /** The acknowledged chunks of one generation. */
  receipts(id: string, generation: number): Promise<Receipt[]> {
    return this.#db.getAll('receipts', createReceiptRange(id, generation));
  }

  /** The indices of the acknowledged chunks of one generation; only keys are read, because there may be ten thousand. */
  async listAcknowledged(id: string, generation: number): Promise<number[]> {
    const keys = await this.#db.getAllKeys('receipts', createReceiptRange(id, generation));
    return keys.map(([, , index]) => index);
  }

  /**
   * Books an acknowledged chunk, with what else its answer changed, unless a newer plan has taken over or the batch is made.
   *
   * @returns the record as it stands now; undefined when the receipt came too late to count.
   */
  async addReceipt(receipt: Receipt, step: Transition): Promise<Upload | undefined> {
    const tx = this.#db.transaction(['uploads', 'receipts'], 'readwrite');
    const uploads = tx.objectStore('uploads');
    const before = await uploads.get(receipt.uploadId);
    if (!before || !acceptsReceipts(before, receipt.generation)) {
      await tx.done;
      return undefined;
    }
    const after = applyTransition(before, step);
    const writes: Promise<unknown>[] = [tx.objectStore('receipts').put(receipt)];
    if (after) writes.push(uploads.put(after));
    await Promise.all([...writes, tx.done]);
    return after ?? before;
  }

  /** Makes the receipts of one generation what the server says it has. */
  async replaceReceipts(id: string, generation: number, receipts: readonly Receipt[]): Promise<void> {
    const tx = this.#db.transaction(['uploads', 'receipts'], 'readwrite');
    const upload = await tx.objectStore('uploads').get(id);
    const store = tx.objectStore('receipts');
    const writes: Promise<unknown>[] = [store.delete(createReceiptRange(id, generation))];
    if (upload && acceptsReceipts(upload, generation)) writes.push(...receipts.map((receipt) => store.put(receipt)));
    await Promise.all([...writes, tx.done]);
  }

  /** Changes an upload and lets its bytes go, in one transaction: what a finished upload needs no more. */
  async updateAndDeleteBytes(id: string, step: Transition): Promise<Upload | undefined> {
    const tx = this.#db.transaction(UPLOAD_STORES, 'readwrite');
    const uploads = tx.objectStore('uploads');
    const before = await uploads.get(id);
    const after = before && applyTransition(before, step);
    const writes: Promise<unknown>[] = after ? [uploads.put(after), this.#deleteBytes(id, tx)] : [];
    await Promise.all([...writes, tx.done]);
    return after ?? before;
  }

  /** Forgets those uploads of any user whose time is over, in one transaction; returns their ids. */
  async removeWhere(isDue: (upload: Upload) => boolean): Promise<string[]> {
    const tx = this.#db.transaction(UPLOAD_STORES, 'readwrite');
    const uploads = tx.objectStore('uploads');
    const ids = (await uploads.getAll()).filter((upload) => isKnown(upload) && isDue(upload)).map(({ id }) => id);
    await this.#removeRecords(ids, tx);
    return ids;
  }

  /** Forgets an upload and everything staged for it. */
  remove(id: string): Promise<void> {
    return this.removeAll([id]);
  }

  /** Forgets many, in one transaction. */
  async removeAll(ids: readonly string[]): Promise<void> {
    const tx = this.#db.transaction(UPLOAD_STORES, 'readwrite');
    await this.#removeRecords(ids, tx);
  }

  /** Forgets everything of one user, also what a newer version left in a state that is not known here. */
  async removeAllOf(ownerId: string): Promise<void> {
    const tx = this.#db.transaction(UPLOAD_STORES, 'readwrite');
    await this.#removeRecords(await tx.objectStore('uploads').index('owner').getAllKeys(createOwnerRange(ownerId)), tx);
  }

  /** Ends the transaction too. */
  async #removeRecords(
    ids: readonly string[],
    tx: IDBPTransaction<Schema, typeof UPLOAD_STORES, 'readwrite'>,
  ): Promise<void> {
    const uploads = tx.objectStore('uploads');
    await Promise.all([...ids.flatMap((id) => [uploads.delete(id), this.#deleteBytes(id, tx)]), tx.done]);
  }

  async #deleteBytes(id: string, tx: IDBPTransaction<Schema, typeof UPLOAD_STORES, 'readwrite'>): Promise<void> {
    const range = IDBKeyRange.bound([id], [id, []]);
    await Promise.all([tx.objectStore('pieces').delete(range), tx.objectStore('receipts').delete(range)]);
  }
}

/** The record a step wants, or null where it wants none or the transition table forbids it. */
function applyTransition(before: Upload, step: Transition): Upload | null {
  if (!isKnown(before)) return null;
  const after = step(before);
  return after && canTransition(before.status, after.status) ? after : null;
}

/** Whether a receipt still says something: not of an older plan, and not of what became a batch, which keeps none. */
function acceptsReceipts({ generation, status }: Upload, ofGeneration: number): boolean {
  return generation === ofGeneration && status !== 'completed';
}
