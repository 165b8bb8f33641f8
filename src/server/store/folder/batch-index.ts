import { type Batch, type BatchPosition, isJoined, sumSizes } from '../upload-store.ts';
import { toKey } from './index-key.ts';

/** The facts by which a batch is found. Its manifest has the others. */
export interface BatchEntry extends Pick<Batch, 'batchId' | 'ownerId' | 'key' | 'sessionId' | 'createdAt'> {
  /** With its list. */
  readonly sizeBytes: number;
  readonly isJoined: boolean;
}

export function toBatchEntry(batch: Batch): BatchEntry {
  const { batchId, ownerId, key, sessionId, createdAt } = batch;
  return { batchId, ownerId, key, sessionId, createdAt, sizeBytes: countBatchBytes(batch), isJoined: isJoined(batch) };
}

export function countBatchBytes({ files, fileList }: Pick<Batch, 'files' | 'fileList'>): number {
  return sumSizes(files) + (fileList?.sizeBytes ?? 0);
}

/** Finds batches by their facts. Their files are the truth. */
export class BatchIndex {
  readonly #entries = new Map<string, BatchEntry>();
  readonly #idByKey = new Map<string, string>();
  readonly #idBySession = new Map<string, string>();
  /** Oldest first. */
  readonly #byOwner = new Map<string, BatchPosition[]>();

  get entries(): Iterable<BatchEntry> {
    return this.#entries.values();
  }

  find(batchId: string): BatchEntry | undefined {
    return this.#entries.get(batchId);
  }

  findByKey(ownerId: string, key: string | null): BatchEntry | undefined {
    return key === null ? undefined : this.#entries.get(this.#idByKey.get(toKey(ownerId, key)) ?? '');
  }

  findBySession(sessionId: string): BatchEntry | undefined {
    return this.#entries.get(this.#idBySession.get(sessionId) ?? '');
  }

  /** The batches of a user before a position, newest first. */
  *list(ownerId: string, before?: BatchPosition): Generator<BatchEntry> {
    // A copy: batches may come and go meanwhile.
    const positions = this.#byOwner.get(ownerId)?.slice() ?? [];
    for (let n = before ? findIndex(positions, before) : positions.length; n > 0; n--) {
      const entry = this.#entries.get(positions[n - 1]?.batchId ?? '');
      if (entry) yield entry;
    }
  }

  /** The time of a batch that is made now: later than that of any other of this user. */
  nextTime(ownerId: string, now: number): number {
    const last = this.#byOwner.get(ownerId)?.at(-1)?.createdAt ?? 0;
    // A clock that was set back keeps its word.
    return last >= now && last - now < CLOCK_SLACK_MS ? last + 1 : now;
  }

  add(entry: BatchEntry): void {
    const { batchId, ownerId, key, sessionId, createdAt } = entry;
    this.#entries.set(batchId, entry);
    if (key !== null) this.#idByKey.set(toKey(ownerId, key), batchId);
    if (sessionId !== null) this.#idBySession.set(sessionId, batchId);
    const positions = this.#byOwner.get(ownerId) ?? [];
    positions.splice(findIndex(positions, entry), 0, { batchId, createdAt });
    this.#byOwner.set(ownerId, positions);
  }

  setJoined(batchId: string): void {
    const entry = this.#entries.get(batchId);
    if (entry) this.#entries.set(batchId, { ...entry, isJoined: true });
  }

  delete({ batchId, ownerId, key, sessionId, createdAt }: BatchEntry): void {
    this.#entries.delete(batchId);
    if (key !== null && this.#idByKey.get(toKey(ownerId, key)) === batchId) this.#idByKey.delete(toKey(ownerId, key));
    if (sessionId !== null) this.#idBySession.delete(sessionId);
    const positions = this.#byOwner.get(ownerId) ?? [];
    positions.splice(findIndex(positions, { batchId, createdAt }), 1);
    if (positions.length === 0) this.#byOwner.delete(ownerId);
  }
}

const CLOCK_SLACK_MS = 10_000;

/** The number of positions before one, by binary search. */
function findIndex(positions: readonly BatchPosition[], position: BatchPosition): number {
  let [low, high] = [0, positions.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = positions[middle];
    if (other && isBefore(other, position)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(a: BatchPosition, b: BatchPosition): boolean {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.batchId < b.batchId);
}
