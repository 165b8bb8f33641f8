import { ApiError, badField, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { ReceivedBlob } from '../store/byte-store.ts';
import type { FileList } from '../store/file-list.ts';
import type { Storage } from '../store/storage.ts';
import { type Batch, type BatchFile, countBytes, type Session } from '../store/upload-store.ts';
import {
  assembleBatch,
  checkFileList,
  checkPlan,
  checkPosition,
  chunksMissing,
  createSession,
  generationSuperseded,
  toIndexRanges,
} from './chunk-plan.ts';
import type { ChunkFields, UploadFields } from './form-fields.ts';
import { Idempotency } from './idempotency.ts';
import { checkUploadSize, type Quotas, toQuotaResponse } from './quotas.ts';

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

/** The progress of a session. */
export interface SessionProgress {
  readonly generation: number;
  readonly totalChunks: number;
  /** Half-open ranges of indices. */
  readonly received: readonly [number, number][];
  readonly batch?: Batch;
}

const IDLE_MS = 24 * 60 * 60_000;

/** Turns received bytes into batches: whole uploads at once, chunked uploads through a session. */
export class UploadService {
  readonly #storage: UploadServiceDependencies['storage'];
  readonly #idempotency: Idempotency;
  readonly #quotas: Quotas;
  readonly #hasExtensions: boolean;

  constructor({ storage, quotas, hasExtensions }: UploadServiceDependencies) {
    this.#storage = storage;
    this.#idempotency = new Idempotency(storage);
    this.#quotas = quotas;
    this.#hasExtensions = hasExtensions;
  }

  /** Makes a batch of the files of one request, or returns the batch that the key already has. */
  async receiveFiles(ownerId: string, fields: UploadFields, received: readonly ReceivedFile[]): Promise<Batch> {
    const { key, uploadType, metadata } = fields;
    const files = received.map(({ name, type, sizeBytes, sha256, blob }): BatchFile => {
      return { name, type, sizeBytes, sha256, parts: [{ blob, sizeBytes }] };
    });
    checkUploadSize(
      files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      this.#quotas,
    );
    const facts = { ownerId, key, sessionId: null, generation: 0, totalChunks: 0, uploadType, metadata };
    return this.#idempotency.once(
      { ownerId, key, sessionId: null },
      received,
      (batch) => batch,
      () => this.#storage.uploads.createBatch({ ...facts, files, fileList: null }),
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
        const found = await this.#findOrCreateSession(ownerId, fields);
        checkFileList(found, fields.index, fileList);
        const session = await this.#saveChunk(found, fields, chunk, fileList);
        if (!this.#isComplete(session, fields)) return { sessionId: session.id };
        return { sessionId: session.id, batch: await this.#storage.uploads.createBatch(assembleBatch(session)) };
      },
    );
  }

  /** @throws ApiError 404 `session_not_found`. */
  async getProgress(ownerId: string, sessionId: string): Promise<SessionProgress> {
    const batch = await this.#idempotency.findBatch({ ownerId, key: null, sessionId });
    if (batch) {
      const { generation, totalChunks } = batch;
      return { generation, totalChunks, received: [[0, totalChunks]], batch };
    }
    const session = await this.#getSession(ownerId, sessionId);
    return { generation: session.generation, totalChunks: session.totalChunks, received: toIndexRanges(session) };
  }

  /** @throws ApiError 404 `session_not_found`; 409 `already_finished` with the batch id. */
  async discardSession(ownerId: string, sessionId: string): Promise<void> {
    const identity = { ownerId, key: null, sessionId };
    await this.#idempotency.runLocked(identity, async () => {
      const batch = await this.#idempotency.findBatch(identity);
      if (batch) throw alreadyFinished(batch);
      await this.#getSession(ownerId, sessionId);
      await this.#storage.uploads.deleteSession(sessionId);
    });
  }

  /** The user whose session this is or was. */
  async findOwner(sessionId: string): Promise<string | undefined> {
    const { uploads } = this.#storage;
    const upload = (await uploads.findSession(sessionId)) ?? (await uploads.findBatchBySession(sessionId));
    return upload?.ownerId;
  }

  /** Newest first. With a key, waits for a batch that is being made. */
  async listBatches(ownerId: string, key?: string): Promise<readonly Batch[]> {
    const { uploads } = this.#storage;
    if (key === undefined) return uploads.listBatches(ownerId);
    const identity = { ownerId, key, sessionId: null };
    const batch = await this.#idempotency.runLocked(identity, () => uploads.findBatchByKey(ownerId, key));
    return batch ? [batch] : [];
  }

  async findBatch(ownerId: string, batchId: string): Promise<Batch | undefined> {
    const batch = await this.#storage.uploads.findBatch(batchId);
    return batch?.ownerId === ownerId ? batch : undefined;
  }

  /** Removes sessions without a new chunk for a day. */
  async removeIdleSessions(now: number): Promise<void> {
    const { uploads } = this.#storage;
    for (const { id, ownerId, key } of await uploads.listIdleSessions(now - IDLE_MS)) {
      await this.#idempotency.runLocked({ ownerId, key, sessionId: id }, async () => {
        const session = await uploads.findSession(id);
        if (session && session.touchedAt < now - IDLE_MS) await uploads.deleteSession(id);
      });
    }
  }

  async #getSession(ownerId: string, sessionId: string): Promise<Session> {
    const session = await this.#storage.uploads.findSession(sessionId);
    if (session?.ownerId !== ownerId) throw notFound();
    return session;
  }

  async #findOrCreateSession(ownerId: string, fields: ChunkFields): Promise<Session> {
    const { key, sessionId } = fields;
    if (sessionId !== null) {
      const session = await this.#getSession(ownerId, sessionId);
      if (key !== null && session.key !== key) throw notFound();
      checkPlan(session, fields);
      return session;
    }
    if (key === null && fields.index !== 0) throw badField('upload_id', 'is missing');
    const previous = key === null ? undefined : await this.#storage.uploads.findSessionByKey(ownerId, key);
    const generation = fields.generation ?? 0;
    if (previous && previous.generation > generation) throw generationSuperseded();
    if (previous?.generation !== generation) return createSession(ownerId, fields);
    checkPlan(previous, fields);
    return previous;
  }

  async #saveChunk(
    session: Session,
    fields: ChunkFields,
    received: ReceivedBlob,
    fileList: FileList | undefined,
  ): Promise<Session> {
    const { index, offset } = fields;
    checkPosition(session, fields, received);
    const chunk = { blob: received.blob, sizeBytes: received.sizeBytes, offset };
    const next = {
      ...session,
      metadata: { ...session.metadata, ...fields.metadata },
      fileSize: fields.fileSize ?? session.fileSize,
    };
    const sizeBytes = countBytes({ ...next, chunks: new Map(session.chunks).set(index, chunk) });
    if (sizeBytes > countBytes(session)) checkUploadSize(sizeBytes, this.#quotas);
    const update = { session: next, index, chunk, fileList, limits: this.#quotas };
    return this.#storage.uploads.saveChunk(update).catch((error: unknown) => {
      throw toQuotaResponse(error);
    });
  }

  #isComplete({ chunks, totalChunks, fileCount, fileList }: Session, { isFinal }: ChunkFields): boolean {
    const hasAll = chunks.size === totalChunks && (fileCount === null || fileList !== null);
    if (this.#hasExtensions) return hasAll;
    if (isFinal && !hasAll) throw chunksMissing();
    return isFinal;
  }
}

function alreadyFinished({ batchId }: Batch): ApiError {
  const message = 'This upload is finished and cannot be cancelled.';
  return new ApiError(409, 'already_finished', message, { batch_id: batchId });
}
