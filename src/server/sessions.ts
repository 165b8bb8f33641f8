import type { Batch, Batches } from './batches.ts';
import { newId, type Turns } from './durable.ts';
import { ApiError, badField, notFound } from './errors.ts';
import type { ChunkFields } from './fields.ts';
import type { ReceivedFile } from './form-parts.ts';
import {
  checkPlace,
  checkPlan,
  missing,
  NOTHING_TOLD,
  rangesOf,
  type Session,
  type SessionFacts,
  type StoredChunk,
  superseded,
  toldWith,
  wholeFile,
} from './session.ts';
import { SessionFiles } from './session-files.ts';

/** How the answer to a chunk begins. */
export interface Acknowledgement {
  readonly uploadId: string;
  readonly batch?: Batch;
}

/** What the sessions of one server rest on. */
export interface SessionsOptions {
  readonly dataDir: string;
  readonly batches: Batches;
  readonly isExact: boolean;
  readonly maxOpen: number;
  /** Shared with whatever else makes batches of a key: one at a time. */
  readonly turns: Turns;
}

const IDLE_MS = 24 * 60 * 60_000;

/** The unfinished uploads; all that changes one of them happens in its turn. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #files: SessionFiles;
  readonly #byId = new Map<string, Session>();

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
      if (session) this.#byId.set(id, session);
      else await this.#files.remove(id);
    }
    // A stop between the opening of a newer plan and the end of the one it replaces leaves both.
    for (const session of this.#byId.values()) {
      const other = session.key === null ? undefined : this.#newest(session.ownerId, session.key);
      if (other && other !== session) await this.#remove(session);
    }
    await this.collect(Date.now());
  }

  /** Stores one chunk, opening the session or making the batch where this chunk is the first or the last to come. */
  async receive(ownerId: string, fields: ChunkFields, chunk: ReceivedFile): Promise<Acknowledgement> {
    const { chunk_sha256: sha256, idempotency_key: key = null, upload_id: id } = fields;
    if (sha256 !== undefined && sha256 !== chunk.sha256) {
      throw new ApiError(422, 'checksum_mismatch', 'The chunk was damaged on its way. Send it again.');
    }
    const turn = id === undefined ? turnOf(ownerId, key, newId()) : this.#turnOf(id, turnOf(ownerId, key, id));
    return this.#options.turns.take(turn, async () => {
      const finished = this.#finished(ownerId, key, id);
      if (finished) return { uploadId: finished.sessionId ?? id ?? newId(), batch: finished };
      const session = await this.#sessionFor(ownerId, key, fields);
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
    const session = this.#get(ownerId, id);
    return { generation: session.generation, total: session.totalChunks, received: rangesOf(session) };
  }

  /** @throws ApiError `already_finished` with the batch id. */
  async discard(ownerId: string, id: string): Promise<void> {
    await this.#options.turns.take(this.#turnOf(id, id), async () => {
      const batch = this.#finished(ownerId, null, id);
      if (!batch) return this.#remove(this.#get(ownerId, id));
      throw new ApiError(409, 'already_finished', 'This upload has arrived already.', { batch_id: batch.batchId });
    });
  }

  /** Whose session this is or was. */
  ownerOf(id: string): string | undefined {
    return this.#byId.get(id)?.ownerId ?? this.#options.batches.bySession(id)?.ownerId;
  }

  /** Removes sessions that nobody touched for a day. */
  async collect(now: number): Promise<void> {
    for (const { id } of this.#byId.values()) await this.#removeIf(id, ({ touchedAt }) => now - touchedAt > IDLE_MS);
  }

  /** Forgets a session as if it had expired; for tests. */
  lose(id: string): Promise<void> {
    return this.#removeIf(id, () => true);
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  #finished(ownerId: string, key: string | null, id: string | undefined): Batch | undefined {
    const { batches } = this.#options;
    const byKey = key === null ? undefined : batches.byKey(ownerId, key);
    const batch = byKey ?? (id === undefined ? undefined : batches.bySession(id));
    return batch?.ownerId === ownerId ? batch : undefined;
  }

  async #sessionFor(ownerId: string, key: string | null, fields: ChunkFields): Promise<Session> {
    if (fields.upload_id !== undefined) {
      const session = this.#get(ownerId, fields.upload_id);
      if (key !== null && session.key !== key) throw notFound();
      checkPlan(session, fields);
      return session;
    }
    if (key === null && fields.chunk_index !== 0) throw badField('upload_id', 'is missing');
    const before = key === null ? undefined : this.#newest(ownerId, key);
    const { generation = 0 } = fields;
    if (before && before.generation > generation) throw superseded();
    if (before?.generation === generation) {
      checkPlan(before, fields);
      return before;
    }
    const opened = await this.#open(ownerId, key, fields);
    if (before) await this.#remove(before);
    return opened;
  }

  async #open(ownerId: string, key: string | null, fields: ChunkFields): Promise<Session> {
    const own = [...this.#byId.values()].filter((session) => session.ownerId === ownerId);
    if (own.length >= this.#options.maxOpen) {
      throw new ApiError(429, 'too_many_sessions', 'Too many unfinished uploads; finish or cancel some first.');
    }
    const facts: SessionFacts = {
      id: newId(),
      ownerId,
      key,
      generation: fields.generation ?? 0,
      totalChunks: fields.total_chunks,
      filename: fields.filename,
      uploadType: fields.upload_type,
      taskId: fields.task_id ?? null,
    };
    await this.#files.create(facts);
    const session = { ...facts, chunks: new Map(), told: NOTHING_TOLD, touchedAt: Date.now() };
    this.#byId.set(facts.id, session);
    return session;
  }

  async #store(session: Session, fields: ChunkFields, chunk: ReceivedFile): Promise<void> {
    const { chunk_index: index, chunk_offset: offset = null } = fields;
    const { sizeBytes } = chunk;
    const stored: StoredChunk = { file: `${index}-${offset ?? 'next'}-${sizeBytes}`, sizeBytes, offset };
    checkPlace(session, fields, stored);
    const told = toldWith(session, fields);
    if (JSON.stringify(told) !== JSON.stringify(session.told)) await this.#files.tell(session.id, told);
    session.told = told;
    await this.#files.store(session.id, chunk.path, stored, session.chunks.get(index));
    session.chunks.set(index, stored);
    session.touchedAt = Date.now();
  }

  #isComplete(session: Session, fields: ChunkFields): boolean {
    const hasAll = session.chunks.size === session.totalChunks;
    if (this.#options.isExact) return hasAll;
    const isFinal = fields.is_final_chunk === 'true';
    if (isFinal && !hasAll) throw missing();
    return isFinal;
  }

  async #finish(session: Session): Promise<Batch> {
    const { chunks, sizeBytes } = wholeFile(session);
    const parts = chunks.map((chunk) => ({
      path: this.#files.partPath(session.id, chunk),
      sizeBytes: chunk.sizeBytes,
    }));
    const { id: sessionId, ownerId, key, generation, totalChunks, uploadType, taskId } = session;
    const { notes, profileId } = session.told;
    const facts = { ownerId, key, sessionId, generation, totalChunks, uploadType, taskId, notes, profileId };
    const file = { name: session.filename, type: 'application/octet-stream', sizeBytes, parts };
    const batch = await this.#options.batches.addChunked(facts, file);
    this.#byId.delete(session.id);
    return batch;
  }

  #get(ownerId: string, id: string): Session {
    const session = this.#byId.get(id);
    if (session?.ownerId !== ownerId) throw notFound();
    return session;
  }

  #newest(ownerId: string, key: string): Session | undefined {
    const own = [...this.#byId.values()].filter((session) => session.ownerId === ownerId && session.key === key);
    return own.sort((a, b) => b.generation - a.generation)[0];
  }

  /** A session with a key is changed in the key's turn, however a request names it. */
  #turnOf(id: string, otherwise: string): string {
    const session = this.#byId.get(id);
    return session ? turnOf(session.ownerId, session.key, id) : otherwise;
  }

  #removeIf(id: string, is: (session: Session) => boolean): Promise<void> {
    return this.#options.turns.take(this.#turnOf(id, id), async () => {
      const session = this.#byId.get(id);
      if (session && is(session)) await this.#remove(session);
    });
  }

  async #remove(session: Session): Promise<void> {
    this.#byId.delete(session.id);
    await this.#files.remove(session.id);
  }
}

/** The name under which what belongs to one upload happens one after the other. */
export function turnOf(ownerId: string, key: string | null, id: string): string {
  return JSON.stringify(key === null ? { id } : { ownerId, key });
}
