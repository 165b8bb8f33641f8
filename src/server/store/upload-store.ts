import type { Part } from './byte-store.ts';
import type { FileList } from './file-list.ts';

/** Fields that a client sends with an upload, by name. */
export type Metadata = Readonly<Record<string, string>>;

/** The facts of every upload, finished or not. */
interface UploadFacts {
  readonly ownerId: string;
  /** The idempotency key: an owner's uploads of one key become one batch. */
  readonly key: string | null;
  readonly generation: number;
  readonly totalChunks: number;
  readonly uploadType: string;
  readonly metadata: Metadata;
}

/** A chunk of an unfinished upload. */
export interface StoredChunk {
  /** Its bytes, in order. */
  readonly parts: readonly Part[];
  readonly sizeBytes: number;
  /** Null when the client sent no offset: the chunk follows the previous one. */
  readonly offset: number | null;
}

/** The first bytes of a chunk whose request was cut. */
export interface PartialChunk extends StoredChunk {
  readonly offset: number;
}

/** An unfinished upload. */
export interface Session extends UploadFacts {
  readonly id: string;
  readonly filename: string;
  /** Null until a chunk declares it. */
  readonly fileSize: number | null;
  /** The number of files that the upload concatenates; null for an upload of one file. */
  readonly fileCount: number | null;
  /** Null until it arrives, and for an upload of one file. */
  readonly fileList: FileList | null;
  readonly chunks: ReadonlyMap<number, StoredChunk>;
  /** By the index of their chunk, which is not stored. */
  readonly partials: ReadonlyMap<number, PartialChunk>;
  /** When the last chunk, or a part of one, was stored, in ms since 1970. */
  readonly touchedAt: number;
}

/** One file of a batch: its bytes are its parts, in order. */
export interface BatchFile {
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  /** Hex; null until the stored file was read completely. */
  readonly sha256: string | null;
  readonly parts: readonly Part[];
}

/** A finished upload. */
export interface Batch extends UploadFacts {
  readonly batchId: string;
  /** Null for an upload that arrived in one request; its generation and total are 0. */
  readonly sessionId: string | null;
  /** In ms since 1970. */
  readonly createdAt: number;
  /** With a list: one, the concatenation of the listed files. */
  readonly files: readonly BatchFile[];
  readonly fileList: FileList | null;
}

/** A batch before the store gives it an id. */
export type NewBatch = Omit<Batch, 'batchId' | 'createdAt'>;

/** The place of a batch among those of its user: they are in the order of time, then of id. */
export type BatchPosition = Pick<Batch, 'createdAt' | 'batchId'>;

/** The facts by which requests name an upload. */
export type BatchIdentity = Pick<Batch, 'batchId' | 'ownerId' | 'key' | 'sessionId'>;

/** The limits of one user. */
export interface UserLimits {
  /** Of unfinished uploads. */
  readonly maxSessions: number;
  /** Of bytes in unfinished uploads. */
  readonly maxBytes: number;
  /** Of bytes in unfinished uploads and batches. */
  readonly maxUserBytes: number;
}

/** The partial chunks of a session, and its other facts, once they are stored. */
export interface PartialsUpdate {
  readonly session: Omit<Session, 'fileList' | 'chunks' | 'touchedAt'>;
  readonly limits: UserLimits;
}

/** A chunk, and the session as it is once the chunk is stored. */
export interface ChunkUpdate extends PartialsUpdate {
  readonly index: number;
  /** The chunk, whose blobs are committed. It may continue the partial chunk of its index. */
  readonly chunk: StoredChunk;
  /** Replaces the list of the session. Its blob is committed. */
  readonly fileList?: FileList | undefined;
}

/**
 * The facts of sessions and batches.
 *
 * Every method is one transaction: when it resolves, its changes are durable; when it rejects, the
 * caller may repeat it. Changes to one upload happen under the lock of that upload. The store
 * removes blobs that no fact refers to any more.
 */
export interface UploadStore {
  findSession(id: string): Promise<Session | undefined>;
  findSessionByKey(ownerId: string, key: string): Promise<Session | undefined>;
  /**
   * Observes the sessions at a time of the clock, in ms since 1970. At most an hour counts between
   * two observations: neither a clock that jumps nor a server that was stopped makes anything old.
   *
   * @param idleMs how long a session has to be observed without a new chunk, or a part of one.
   */
  observe(now: number, idleMs: number): Promise<Observation>;

  /** Its bytes may move later: they are opened as soon as it is found. */
  findBatch(batchId: string): Promise<Batch | undefined>;
  findBatchByKey(ownerId: string, key: string): Promise<Batch | undefined>;
  findBatchBySession(sessionId: string): Promise<Batch | undefined>;
  /** The batches of a user before a position, newest first. Reads each when it is asked for. */
  listBatches(ownerId: string, before?: BatchPosition): AsyncIterable<Batch>;
  /** Batches of all users that were made before this time. */
  listOldBatches(before: number): Promise<readonly BatchIdentity[]>;
  /** The bytes of a user in unfinished uploads and batches. */
  countBytes(ownerId: string): Promise<number>;

  /**
   * Stores a chunk in place of the previous one of its index. The first chunk creates its session,
   * which replaces another session of the same key.
   *
   * @throws QuotaError when the owner would exceed a limit.
   */
  saveChunk(update: ChunkUpdate): Promise<Session>;
  /**
   * Stores partial chunks, whose blobs are committed, in place of the previous ones. Like a first
   * chunk they may create their session.
   *
   * @throws QuotaError when the owner would exceed a limit.
   */
  savePartials(update: PartialsUpdate): Promise<Session>;
  /** Removes a session with its chunks. Unknown ids are ignored. */
  deleteSession(id: string): Promise<void>;
  /**
   * Finishes an upload: stores the batch and removes the sessions of its key, whose chunks the
   * batch may refer to.
   *
   * @returns the existing batch when the key has one.
   * @throws QuotaError when a batch without a session would exceed `maxUserBytes`.
   */
  createBatch(batch: NewBatch, limits: UserLimits): Promise<Batch>;
  /** Removes a batch with its files. Its key is free again. Unknown ids are ignored. */
  deleteBatch(batchId: string): Promise<void>;
}

/** Whether the stored bytes of a batch have their final place and their digests. */
export function isJoined({ files, fileList }: Pick<Batch, 'files' | 'fileList'>): boolean {
  return fileList ? fileList.hasDigests : files.every(({ sha256 }) => sha256 !== null);
}

/** What several observations have shown. */
export interface Observation {
  /** The time, in ms since 1970. It may be behind the clock, but is not ahead of it. */
  readonly time: number;
  readonly idleSessions: readonly Session[];
}

/** A limit of a user: unfinished uploads, bytes in them, or all stored bytes. */
export type Quota = 'sessions' | 'bytes' | 'stored';

/** A user has too much. */
export class QuotaError extends Error {
  readonly quota: Quota;

  constructor(quota: Quota) {
    super(`The user's limit is reached: ${quota}.`);
    this.quota = quota;
  }
}

/**
 * The bytes that a session counts for: its declared size, or what it holds when that is more, and
 * its list.
 */
export function countBytes({
  fileSize,
  fileList,
  chunks,
  partials,
}: Pick<Session, 'fileSize' | 'fileList' | 'chunks' | 'partials'>): number {
  const received = sumSizes(chunks.values()) + sumSizes(partials.values());
  return Math.max(fileSize ?? 0, received) + (fileList?.sizeBytes ?? 0);
}

export function sumSizes(items: Iterable<{ readonly sizeBytes: number }>): number {
  let sum = 0;
  for (const { sizeBytes } of items) sum += sizeBytes;
  return sum;
}

/** Whether two chunks that state their positions have bytes of the file in common. */
export function overlaps(a: StoredChunk, b: StoredChunk): boolean {
  if (a.offset === null || b.offset === null) return false;
  return b.offset + b.sizeBytes > a.offset && b.offset < a.offset + a.sizeBytes;
}
