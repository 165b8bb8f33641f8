import { ApiError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { ReceivedBlob } from '../store/byte-store.ts';
import type { FileList } from '../store/file-list.ts';
import type { Storage } from '../store/storage.ts';
import {
  type Batch,
  type BatchFile,
  type BatchPosition,
  type NewBatch,
  QuotaError,
  type Session,
  sumSizes,
} from '../store/upload-store.ts';
import { assembleBatch, chunksMissing, isComplete, toByteRanges, toIndexRanges } from './chunk-plan.ts';
import { ChunkSessions } from './chunk-sessions.ts';
import type { ChunkFields, UploadFields } from './form-fields.ts';
import { Idempotency } from './idempotency.ts';
import { MIN_PARTIAL_BYTES, PartialChunks } from './partial-chunks.ts';
import { checkUploadSize, type Quotas, toQuotaResponse } from './quotas.ts';
import { type SessionProgress, toFinishedProgress } from './session-progress.ts';

/** The dependencies of the service. */
export interface UploadServiceDependencies {
  readonly storage: Pick<Storage, 'uploads' | 'bytes' | 'locks'>;
  readonly quotas: Quotas;
  /** Without extensions, only the final chunk finishes an upload. */
  readonly hasExtensions: boolean;
}

/** One file of a whole request. */
export interface ReceivedFile extends ReceivedBlob {
  /** As the sender named it; never part of a path. */
  readonly name: string;
  readonly type: string;
}

/** The outcome of a chunk; with the batch when the upload is finished. */
export interface ChunkReceipt {
  readonly sessionId: string;
  readonly batch?: Batch;
}

/** The longest media type that is stored, in bytes. */
const MAX_TYPE_BYTES = 255;

/** Turns received bytes into batches: whole uploads at once, chunked uploads through a session. */
export class UploadService {
  readonly #storage: UploadServiceDependencies['storage'];
  readonly #idempotency: Idempotency;
  readonly #partials: PartialChunks;
  readonly #sessions: ChunkSessions;
  readonly #quotas: Quotas;
  readonly #hasExtensions: boolean;

  constructor({ storage, quotas, hasExtensions }: UploadServiceDependencies) {
    this.#storage = storage;
    this.#idempotency = new Idempotency(storage);
    this.#partials = new PartialChunks(storage.bytes);
    this.#sessions = new ChunkSessions({ uploads: storage.uploads, partials: this.#partials, quotas });
    this.#quotas = quotas;
    this.#hasExtensions = hasExtensions;
  }

  /**
   * Checks, before the bytes of a whole upload arrive, whether its user has room for them. A
   * repetition needs none: it gets the batch, whose response may have been lost.
   *
   * @param arrivingBytes those of all requests of the user in progress.
   * @throws ApiError 429 `quota_full`.
   */
  async checkRoom(ownerId: string, key: string | null, arrivingBytes: number): Promise<void> {
    const { uploads } = this.#storage;
    if ((await uploads.countBytes(ownerId)) + arrivingBytes <= this.#quotas.maxUserBytes) return;
    if (key !== null && (await uploads.findBatchByKey(ownerId, key))) return;
    throw toQuotaResponse(new QuotaError('stored'));
  }

  /** Makes a batch of the files of one request, or returns the batch that the key already has. */
  async receiveFiles(ownerId: string, fields: UploadFields, received: readonly ReceivedFile[]): Promise<Batch> {
    const { key, uploadType, metadata } = fields;
    const files = received.map(({ name, type, sizeBytes, sha256, blob }): BatchFile => {
      return { name, type: cutType(type), sizeBytes, sha256, parts: [{ blob, sizeBytes }] };
    });
    checkUploadSize(sumSizes(files), this.#quotas);
    const facts = { ownerId, key, sessionId: null, generation: 0, totalChunks: 0, uploadType, metadata };
    return this.#idempotency.once(
      { ownerId, key, sessionId: null },
      received,
      (batch) => batch,
      () => this.#createBatch({ ...facts, files, fileList: null }),
    );
  }

  /**
   * Stores one chunk and the list of files that came with it; the first creates the session, the
   * last makes the batch.
   */
  async receiveChunk(
    ownerId: string,
    fields: ChunkFields,
    chunk: ReceivedBlob,
    fileList?: FileList,
  ): Promise<ChunkReceipt> {
    const { sha256, key, sessionId } = fields;
    if (sha256 !== null && sha256 !== chunk.sha256) {
      throw new ApiError(422, 'checksum_mismatch', 'The chunk was damaged in transit. Send it again.');
    }
    return this.#idempotency.once<ChunkReceipt>(
      { ownerId, key, sessionId },
      fileList ? [chunk, fileList] : [chunk],
      (batch) => ({ sessionId: batch.sessionId ?? sessionId ?? newId(), batch }),
      async () => {
        const session = await this.#sessions.saveChunk(ownerId, fields, chunk, fileList);
        if (!this.#isComplete(session, fields)) return { sessionId: session.id };
        return { sessionId: session.id, batch: await this.#createBatch(assembleBatch(session)) };
      },
    );
  }

  /**
   * Checks, before the bytes of a chunk arrive, what the client knows of the kept bytes.
   *
   * @throws ApiError 409 `partial_changed`, or when the server would refuse the chunk anyway.
   */
  async checkPartial(ownerId: string, fields: ChunkFields): Promise<void> {
    const { key, sessionId } = fields;
    const identity = { ownerId, key, sessionId };
    await this.#idempotency.runLocked(identity, async () => {
      // A chunk of a finished upload is acknowledged.
      if (!(await this.#idempotency.findBatch(identity))) await this.#sessions.checkPartial(ownerId, fields);
    });
  }

  /**
   * Keeps what arrived of a chunk whose request was cut. Resolves when it is durable, or when it is
   * not worth keeping.
   *
   * @throws ApiError when the server would refuse the chunk too.
   */
  async keepPartial(ownerId: string, fields: ChunkFields, received: ReceivedBlob): Promise<void> {
    const { key, sessionId, offset, fileSize } = fields;
    if (received.sizeBytes < MIN_PARTIAL_BYTES || key === null || offset === null || fileSize === null) return;
    await this.#idempotency.once<void>(
      { ownerId, key, sessionId },
      [received],
      () => undefined,
      () => this.#sessions.savePartial(ownerId, fields, received),
    );
  }

  /** @throws ApiError 404 `session_not_found`. */
  async getProgress(ownerId: string, sessionId: string): Promise<SessionProgress> {
    const identity = { ownerId, key: null, sessionId };
    // Under the lock: the bytes whose digests the progress contains must not be removed meanwhile.
    return this.#idempotency.runLocked(identity, async () => {
      const batch = await this.#idempotency.findBatch(identity);
      return batch ? toFinishedProgress(batch) : this.#toProgress(await this.#sessions.get(ownerId, sessionId));
    });
  }

  /** @throws ApiError 404 `session_not_found`; 409 `already_finished` with the batch id. */
  async discardSession(ownerId: string, sessionId: string): Promise<void> {
    const identity = { ownerId, key: null, sessionId };
    await this.#idempotency.runLocked(identity, async () => {
      const batch = await this.#idempotency.findBatch(identity);
      if (batch) throw alreadyFinished(batch);
      await this.#sessions.get(ownerId, sessionId);
      await this.#storage.uploads.deleteSession(sessionId);
    });
  }

  /** The user and the key of a session, finished or not. */
  async findIdentity(sessionId: string): Promise<Pick<Session, 'ownerId' | 'key'> | undefined> {
    const { uploads } = this.#storage;
    return (await uploads.findSession(sessionId)) ?? (await uploads.findBatchBySession(sessionId));
  }

  /** The batches of a user before a position, newest first. */
  listBatches(ownerId: string, before?: BatchPosition): AsyncIterable<Batch> {
    return this.#storage.uploads.listBatches(ownerId, before);
  }

  /** Waits for a batch that is being made. */
  async findBatchByKey(ownerId: string, key: string): Promise<Batch | undefined> {
    const identity = { ownerId, key, sessionId: null };
    return this.#idempotency.runLocked(identity, () => this.#storage.uploads.findBatchByKey(ownerId, key));
  }

  async findBatch(ownerId: string, batchId: string): Promise<Batch | undefined> {
    const batch = await this.#storage.uploads.findBatch(batchId);
    return batch?.ownerId === ownerId ? batch : undefined;
  }

  async #createBatch(batch: NewBatch): Promise<Batch> {
    return this.#storage.uploads.createBatch(batch, this.#quotas).catch((error: unknown) => {
      throw toQuotaResponse(error);
    });
  }

  async #toProgress(session: Session): Promise<SessionProgress> {
    const { key, generation, totalChunks } = session;
    const [received, receivedBytes] = [toIndexRanges(session), toByteRanges(session)];
    return { key, generation, totalChunks, received, receivedBytes, partials: await this.#partials.list(session) };
  }

  #isComplete(session: Session, { isFinal }: ChunkFields): boolean {
    if (this.#hasExtensions) return isComplete(session);
    if (isFinal && session.chunks.size !== session.totalChunks) throw chunksMissing();
    return isFinal;
  }
}

/** The bytes of a type may end within a character, which is left out. */
function cutType(type: string): string {
  return new TextDecoder().decode(Buffer.from(type).subarray(0, MAX_TYPE_BYTES), { stream: true });
}

function alreadyFinished({ batchId }: Batch): ApiError {
  const message = 'This upload is finished and cannot be cancelled.';
  return new ApiError(409, 'already_finished', message, { batch_id: batchId });
}
