import { ApiError, badField, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { ReceivedFile } from '../multipart/form-parts.ts';
import type { Batch, Batches } from '../store/batches.ts';
import type { KeyedMutex } from '../store/keyed-mutex.ts';
import { SessionFiles } from '../store/session-files.ts';
import type { ChunkFields } from './form-fields.ts';
import { OpenSessions } from './open-sessions.ts';
import { checkByteQuota, checkSessionQuota, countBytes, type QuotaLimits } from './quotas.ts';
import {
  assembleFile,
  checkPlace,
  checkPlan,
  createSupersededError,
  mergeDeclared,
  missing,
  NOTHING_DECLARED,
  type Session,
  type StoredChunk,
  toRanges,
} from './session.ts';

/** How the answer to a chunk begins. */
export interface Acknowledgement {
  readonly uploadId: string;
  readonly batch?: Batch;
}

/** What the sessions of one server rest on. */
export interface SessionsOptions {
  readonly dataDir: string;
  readonly batches: Batches;
  readonly hasExtensions: boolean;
  readonly quotas: QuotaLimits;
  /** Shared with whatever else makes batches of a key: one at a time. */
  readonly locks: KeyedMutex;
}

const IDLE_MS = 24 * 60 * 60_000;

/** The unfinished uploads; all that changes one of them happens in its turn. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #files: SessionFiles;
  readonly #open = new OpenSessions();

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#files = new SessionFiles(options.dataDir);
  }

  async load(): Promise<void> {
    for (const id of await this.#files.ids()) {
      // Its chunk files are a batch's, until they are joined.
      const batch = this.#options.batches.bySession(id);
      if (batch?.files.some(({ sha256 }) => sha256 === null)) continue;
      const session = batch ? null : await this.#files.read(id);
      if (session) this.#open.add(session);
      else await this.#files.remove(id);
    }
    // A stop between the opening of a newer plan, or the making of the batch in one request, and the end of what that replaces
    // leaves both.
    for (const session of this.#open.all) {
      const { ownerId, key } = session;
      if (key === null) continue;
      const isMade = this.#options.batches.byKey(ownerId, key) !== undefined;
      if (isMade || this.#open.newest(ownerId, key) !== session) await this.#remove(session);
    }
    await this.collect(Date.now());
  }

  /** Stores one chunk, opening the session or making the batch where this chunk is the first or the last to come. */
  async receive(ownerId: string, fields: ChunkFields, chunk: ReceivedFile): Promise<Acknowledgement> {
    const { chunk_sha256: sha256, idempotency_key: key = null, upload_id: id } = fields;
    if (sha256 !== undefined && sha256 !== chunk.sha256) {
      throw new ApiError(422, 'checksum_mismatch', 'The chunk was damaged on its way. Send it again.');
    }
    const turn =
      id === undefined ? toLockName(ownerId, key, newId()) : this.#toLockName(id, toLockName(ownerId, key, id));
    return this.#options.locks.run(turn, async () => {
      const finished = this.#finished(ownerId, key, id);
      if (finished) return { uploadId: finished.sessionId ?? id ?? newId(), batch: finished };
      const session = this.#sessionFor(ownerId, key, fields);
      await this.#store(session, fields, chunk);
      if (!this.#isComplete(session, fields)) return { uploadId: session.id };
      return { uploadId: session.id, batch: await this.#finish(session) };
    });
  }

  /** What is there of a session, as half-open ranges of indices; also of one whose batch is made. */
  status(
    ownerId: string,
    id: string,
  ): { generation: number; total: number; received: [number, number][]; batch?: Batch } {
    const batch = this.#finished(ownerId, null, id);
    if (batch) {
      const { generation, totalChunks: total } = batch;
      return { generation, total, received: [[0, total]], batch };
    }
    const session = this.#open.get(ownerId, id);
    return { generation: session.generation, total: session.totalChunks, received: toRanges(session) };
  }

  /** @throws ApiError `already_finished` with the batch id. */
  async discard(ownerId: string, id: string): Promise<void> {
    await this.#options.locks.run(this.#toLockName(id, id), async () => {
      const batch = this.#finished(ownerId, null, id);
      if (!batch) return this.#remove(this.#open.get(ownerId, id));
      throw new ApiError(409, 'already_finished', 'This upload has arrived already.', { batch_id: batch.batchId });
    });
  }

  /** Removes what was under way of the key of a batch that came in one request; called in the key's turn. */
  async replace({ ownerId, key }: Batch): Promise<void> {
    const session = this.#open.newest(ownerId, key);
    if (session) await this.#remove(session);
  }

  /** Whose session this is or was. */
  ownerOf(id: string): string | undefined {
    return this.#open.find(id)?.ownerId ?? this.#options.batches.bySession(id)?.ownerId;
  }

  /** Removes sessions that nobody touched for a day. */
  async collect(now: number): Promise<void> {
    for (const { id } of this.#open.all) await this.#removeIf(id, ({ touchedAt }) => now - touchedAt > IDLE_MS);
  }

  /** Forgets a session as if it had expired; for tests. */
  lose(id: string): Promise<void> {
    return this.#removeIf(id, () => true);
  }

  get ids(): string[] {
    return this.#open.all.map(({ id }) => id);
  }

  #finished(ownerId: string, key: string | null, id: string | undefined): Batch | undefined {
    const { batches } = this.#options;
    const byKey = key === null ? undefined : batches.byKey(ownerId, key);
    const batch = byKey ?? (id === undefined ? undefined : batches.bySession(id));
    return batch?.ownerId === ownerId ? batch : undefined;
  }

  /** The session a chunk belongs to: one that is open, or a new one that nobody knows before its first chunk is stored. */
  #sessionFor(ownerId: string, key: string | null, fields: ChunkFields): Session {
    if (fields.upload_id !== undefined) {
      const session = this.#open.get(ownerId, fields.upload_id);
      if (key !== null && session.key !== key) throw notFound();
      checkPlan(session, fields);
      return session;
    }
    if (key === null && fields.chunk_index !== 0) throw badField('upload_id', 'is missing');
    const before = this.#open.newest(ownerId, key);
    const { generation = 0 } = fields;
    if (before && before.generation > generation) throw createSupersededError();
    if (before?.generation !== generation) return newSession(ownerId, key, fields);
    checkPlan(before, fields);
    return before;
  }

  async #store(session: Session, fields: ChunkFields, chunk: ReceivedFile): Promise<void> {
    const { chunk_index: index, chunk_offset: offset = null } = fields;
    const { sizeBytes } = chunk;
    const stored: StoredChunk = { file: `${index}-${offset ?? 'next'}-${sizeBytes}`, sizeBytes, offset };
    checkPlace(session, fields, stored);
    const declared = mergeDeclared(session, fields);
    const grownBytes = countBytes(declared, new Map(session.chunks).set(index, stored));
    const before = this.#checkQuotas(session, grownBytes);
    try {
      // Counted before it is there: others of this user may come while the disk writes.
      await this.#open.grow(session, grownBytes, async () => {
        await this.#files.store(session, declared, index, stored, chunk.path);
        session.declared = declared;
        session.chunks.set(index, stored);
        session.touchedAt = Date.now();
        this.#open.add(session);
      });
    } catch (error) {
      // Nobody was told of it: what a full disk left of it is of no use.
      if (!this.#open.has(session)) await this.#files.remove(session.id);
      throw error;
    }
    if (before) await this.#remove(before);
  }

  /** Holds a session that grows to so many bytes to the limits; returns the one of an older plan that it replaces. */
  #checkQuotas(session: Session, grownBytes: number): Session | undefined {
    const { ownerId, key } = session;
    const isNew = !this.#open.has(session);
    const before = isNew ? this.#open.newest(ownerId, key) : undefined;
    const others = this.#open.othersBytes(ownerId, before ?? session);
    if (isNew) checkSessionQuota(others, this.#options.quotas);
    if (grownBytes > countBytes(session.declared, session.chunks))
      checkByteQuota(others, grownBytes, this.#options.quotas);
    return before;
  }

  #isComplete(session: Session, fields: ChunkFields): boolean {
    const hasAll = session.chunks.size === session.totalChunks;
    if (this.#options.hasExtensions) return hasAll;
    const isFinal = fields.is_final_chunk === 'true';
    if (isFinal && !hasAll) throw missing();
    return isFinal;
  }

  async #finish(session: Session): Promise<Batch> {
    const { chunks, sizeBytes } = assembleFile(session);
    const parts = chunks.map((chunk) => ({
      path: this.#files.partPath(session.id, chunk),
      sizeBytes: chunk.sizeBytes,
    }));
    const { id: sessionId, ownerId, key, generation, totalChunks, uploadType, taskId } = session;
    const { notes, profileId } = session.declared;
    const facts = { ownerId, key, sessionId, generation, totalChunks, uploadType, taskId, notes, profileId };
    const file = { name: session.filename, type: 'application/octet-stream', sizeBytes, parts };
    const batch = await this.#options.batches.addChunked(facts, file);
    this.#open.delete(session.id);
    return batch;
  }

  /** A session with a key is changed in the key's turn, however a request names it. */
  #toLockName(id: string, otherwise: string): string {
    const session = this.#open.find(id);
    return session ? toLockName(session.ownerId, session.key, id) : otherwise;
  }

  #removeIf(id: string, is: (session: Session) => boolean): Promise<void> {
    return this.#options.locks.run(this.#toLockName(id, id), async () => {
      const session = this.#open.find(id);
      if (session && is(session)) await this.#remove(session);
    });
  }

  async #remove(session: Session): Promise<void> {
    this.#open.delete(session.id);
    await this.#files.remove(session.id);
  }
}

/** The name under which what belongs to one upload happens one after the other. */
export function toLockName(ownerId: string, key: string | null, id: string): string {
  return JSON.stringify(key === null ? { id } : { ownerId, key });
}

function newSession(ownerId: string, key: string | null, fields: ChunkFields): Session {
  return {
    id: newId(),
    ownerId,
    key,
    generation: fields.generation ?? 0,
    totalChunks: fields.total_chunks,
    filename: fields.filename,
    uploadType: fields.upload_type,
    taskId: fields.task_id ?? null,
    chunks: new Map(),
    declared: NOTHING_DECLARED,
    touchedAt: Date.now(),
  };
}
