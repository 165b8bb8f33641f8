import type { IDBPDatabase } from 'idb';
import type { UploadError } from '../errors.ts';
import { applyTransition, type FileInfo, isKnown, type Status, type Transition, type Upload } from '../upload.ts';
import { type DbConnection, openConnection } from './db-connection.ts';
import { listFiles, putFileList } from './file-lists.ts';
import { type PieceBody, putPieces } from './pieces-store.ts';
import { getRankAfter, reorder } from './queue-order.ts';
import { addReceipt, replaceReceipts } from './receipts.ts';
import { deleteBytes, removeUploads, UPLOAD_STORES } from './removal.ts';
import { createOwnerRange, createReceiptRange, type Receipt, type Schema, type UploadPage } from './schema.ts';
import { Settings } from './settings.ts';
import { SharesStore } from './shares-store.ts';

const DB_NAME = 'parallel-chunk-uploader';

/** How many records of each status a search reads before it reads all. */
const SAMPLE_SIZE = 8;

/**
 * The database: uploads, pieces, receipts, settings and shares. Each method is one transaction.
 * Uploads in a state of a newer app version are neither returned nor changed.
 */
export class UploadsDb {
  readonly settings: Settings;
  readonly shares: SharesStore;
  readonly #db: IDBPDatabase<Schema>;
  /** Resolves with the reason when this connection can no longer be used. */
  readonly terminated: Promise<UploadError>;

  private constructor({ db, terminated }: DbConnection) {
    this.#db = db;
    this.settings = new Settings(db);
    this.shares = new SharesStore(db);
    this.terminated = terminated;
  }

  /**
   * Opens the database. The connection closes itself when a newer version of the app upgrades the
   * database.
   *
   * @param name another database, for tests.
   * @throws UploadError `newer_version` if a newer version of the app has upgraded the database.
   */
  static async open(name = DB_NAME): Promise<UploadsDb> {
    return new UploadsDb(await openConnection(name));
  }

  close(): void {
    this.#db.close();
  }

  /** The version of the stored schema. */
  get schemaVersion(): number {
    return this.#db.version;
  }

  /**
   * Adds an upload at the end of its owner's queue.
   *
   * @param files all files of the upload, if its record does not name all of them.
   */
  async add(upload: Upload, files: readonly FileInfo[] = upload.files): Promise<Upload> {
    const tx = this.#db.transaction(['uploads', 'files'], 'readwrite');
    const uploads = tx.objectStore('uploads');
    const last = await uploads.index('owner').openCursor(createOwnerRange(upload.ownerId), 'prev');
    const queued = { ...upload, rank: getRankAfter(last?.value.rank ?? 0) };
    await Promise.all([uploads.add(queued), putFileList(tx.objectStore('files'), queued, files), tx.done]);
    return queued;
  }

  /** The files `[from, to)` of an upload, by default all of them. */
  listFiles(upload: Upload, from = 0, to = Number.POSITIVE_INFINITY): Promise<FileInfo[]> {
    return listFiles(this.#db, upload, from, to);
  }

  /** Moves an upload before another one of the same owner, or to the end if `beforeId` is null. */
  async moveBefore(id: string, beforeId: string | null): Promise<void> {
    const tx = this.#db.transaction('uploads', 'readwrite');
    const found = await tx.store.get(id);
    const upload = found && isKnown(found) ? found : undefined;
    // Uploads in unknown states keep their place: their rank may change, nothing else.
    const all = upload ? await tx.store.index('owner').getAll(createOwnerRange(upload.ownerId)) : [];
    const others = all.filter((other) => other.id !== id);
    const changes = upload ? reorder(upload, others, beforeId) : [];
    await Promise.all(changes.map((change) => tx.store.put(change)));
    await tx.done;
  }

  async get(id: string): Promise<Upload | undefined> {
    const upload = await this.#db.get('uploads', id);
    return upload && isKnown(upload) ? upload : undefined;
  }

  /** All uploads of one user in their order. */
  async list(ownerId: string): Promise<Upload[]> {
    return (await this.readPage(ownerId)).uploads;
  }

  /** At most `pageSize` uploads from a rank on. The next page starts at `nextRank`. */
  async readPage(ownerId: string, fromRank?: number, pageSize?: number): Promise<UploadPage> {
    const all = await this.#db.getAllFromIndex('uploads', 'owner', createOwnerRange(ownerId, fromRank), pageSize);
    const last = all.length === pageSize ? all.at(-1) : undefined;
    return { uploads: all.filter(isKnown), nextRank: last?.rank ?? null };
  }

  /** A user's uploads in these statuses, in no order; at most `limit` of each status. */
  async listByStatus(ownerId: string, statuses: readonly Status[], limit?: number): Promise<Upload[]> {
    const index = this.#db.transaction('uploads').store.index('status');
    const lists = await Promise.all(statuses.map((status) => index.getAll([ownerId, status], limit)));
    return lists.flat().filter(isKnown);
  }

  /**
   * Whether one of a user's uploads in these statuses satisfies a condition. Reads a sample first,
   * which is mostly enough. A cursor would take a task for each of ten thousand uploads.
   */
  async someByStatus(
    ownerId: string,
    statuses: readonly Status[],
    isMet: (upload: Upload) => boolean,
  ): Promise<boolean> {
    if ((await this.listByStatus(ownerId, statuses, SAMPLE_SIZE)).some(isMet)) return true;
    return (await this.listByStatus(ownerId, statuses)).some(isMet);
  }

  async countByStatus(ownerId: string, statuses: readonly Status[]): Promise<number> {
    const index = this.#db.transaction('uploads').store.index('status');
    const counts = await Promise.all(statuses.map((status) => index.count([ownerId, status])));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Changes one upload, if the transition table allows it.
   *
   * @returns the record as it is stored now, even in an unknown state; undefined if there is none.
   */
  async update(id: string, transition: Transition): Promise<Upload | undefined> {
    const tx = this.#db.transaction('uploads', 'readwrite');
    const before = await tx.store.get(id);
    const after = before && applyTransition(before, transition);
    if (after) await tx.store.put(after);
    await tx.done;
    return after ?? before;
  }

  /**
   * Changes a user's uploads in these statuses, all in one transaction.
   *
   * @returns the changed records.
   */
  async updateAll(ownerId: string, statuses: readonly Status[], transition: Transition): Promise<Upload[]> {
    const tx = this.#db.transaction('uploads', 'readwrite');
    const index = tx.store.index('status');
    const uploads = (await Promise.all(statuses.map((status) => index.getAll([ownerId, status])))).flat();
    const changed = uploads.map((upload) => applyTransition(upload, transition)).filter((upload) => upload !== null);
    await Promise.all([...changed.map((upload) => tx.store.put(upload)), tx.done]);
    return changed;
  }

  /** Changes an upload like `update`, and deletes its pieces and receipts if it changed. */
  async updateAndDeleteBytes(id: string, transition: Transition): Promise<Upload | undefined> {
    const tx = this.#db.transaction(UPLOAD_STORES, 'readwrite');
    const uploads = tx.objectStore('uploads');
    const before = await uploads.get(id);
    const after = before && applyTransition(before, transition);
    const writes: Promise<unknown>[] = after ? [uploads.put(after), deleteBytes(tx, id)] : [];
    await Promise.all([...writes, tx.done]);
    return after ?? before;
  }

  /**
   * Stores the next pieces of an upload together with its staging progress.
   *
   * @throws UploadError `unknown_upload` if the record is gone or the transition rejects it, which
   * ends staging.
   */
  putPieces(id: string, firstN: number, pieces: readonly PieceBody[], transition: Transition): Promise<Upload> {
    return putPieces(this.#db, id, firstN, pieces, transition);
  }

  /** The staged pieces `[from, to)` of an upload, in order. */
  async pieces(id: string, from: number, to: number): Promise<PieceBody[]> {
    // IDBKeyRange throws for an empty range.
    if (from >= to) return [];
    return this.#db.getAll('pieces', IDBKeyRange.bound([id, from], [id, to], false, true));
  }

  /** The receipts of one generation. */
  receipts(id: string, generation: number): Promise<Receipt[]> {
    return this.#db.getAll('receipts', createReceiptRange(id, generation));
  }

  /**
   * The indices of the acknowledged chunks of one generation. Reads only keys, because there may be
   * ten thousand.
   */
  async listAcknowledged(id: string, generation: number): Promise<number[]> {
    const keys = await this.#db.getAllKeys('receipts', createReceiptRange(id, generation));
    return keys.map(([, , index]) => index);
  }

  /**
   * Stores a receipt together with the change that its response causes.
   *
   * @returns the record as it is stored now; undefined if the receipt is of an older generation, or
   * the batch is made.
   */
  addReceipt(receipt: Receipt, transition: Transition): Promise<Upload | undefined> {
    return addReceipt(this.#db, receipt, transition);
  }

  /** Replaces the receipts of one generation by those of the server. */
  replaceReceipts(id: string, generation: number, receipts: readonly Receipt[]): Promise<void> {
    return replaceReceipts(this.#db, id, generation, receipts);
  }

  /** Removes all users' uploads that satisfy a condition; returns their ids. */
  async removeWhere(isMet: (upload: Upload) => boolean): Promise<string[]> {
    const tx = this.#db.transaction(UPLOAD_STORES, 'readwrite');
    const uploads = await tx.objectStore('uploads').getAll();
    const ids = uploads.filter((upload) => isKnown(upload) && isMet(upload)).map(({ id }) => id);
    await removeUploads(tx, ids);
    return ids;
  }

  remove(id: string): Promise<void> {
    return this.removeAll([id]);
  }

  async removeAll(ids: readonly string[]): Promise<void> {
    await removeUploads(this.#db.transaction(UPLOAD_STORES, 'readwrite'), ids);
  }

  /** Removes all uploads of one user, including those in unknown states. */
  async removeAllOf(ownerId: string): Promise<void> {
    const tx = this.#db.transaction(UPLOAD_STORES, 'readwrite');
    await removeUploads(tx, await tx.objectStore('uploads').index('owner').getAllKeys(createOwnerRange(ownerId)));
  }
}
