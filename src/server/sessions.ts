import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch, Batches, Part } from './batches.ts';
import { commitFile, hashOf, newId, readJson, Turns, writeJson } from './durable.ts';
import { ApiError, notFound } from './errors.ts';
import type { ChunkFields } from './fields.ts';
import type { ReceivedFile } from './forms.ts';
import { checked, checkPlace, overlap, type Session, type SessionFacts, type StoredChunk } from './session.ts';

/** How the answer to a chunk begins. */
export interface Acknowledgement {
  readonly uploadId: string;
  readonly ticket?: string;
  readonly batch?: Batch;
}

const IDLE_MS = 24 * 60 * 60_000;
const MOST_OPEN = 1000;

/** The unfinished uploads: a folder each, whose chunk files are named after index, offset and size. */
export class Sessions {
  readonly #dataDir: string;
  readonly #batches: Batches;
  readonly #exact: boolean;
  readonly #byId = new Map<string, Session>();
  readonly #turns = new Turns();

  constructor(dataDir: string, batches: Batches, exact: boolean) {
    this.#dataDir = dataDir;
    this.#batches = batches;
    this.#exact = exact;
  }

  async load(): Promise<void> {
    await mkdir(this.#dir(), { recursive: true });
    for (const id of await readdir(this.#dir())) await this.#loadOne(id);
    await this.collect(Date.now());
  }

  /** Stores one chunk, opening the session or making the batch where this chunk is the first or the last to come. */
  async receive(ownerId: string, fields: ChunkFields, chunk: ReceivedFile): Promise<Acknowledgement> {
    if (this.#exact && fields.chunk_sha256 !== undefined && fields.chunk_sha256 !== chunk.sha256) {
      throw new ApiError(422, 'checksum_mismatch', 'The chunk was damaged on its way. Send it again.');
    }
    const key = this.#exact ? (fields.idempotency_key ?? null) : null;
    const turn = key === null ? `id ${fields.upload_id ?? chunk.path}` : `key ${ownerId} ${key}`;
    return this.#turns.take(turn, async () => {
      const finished = this.#finished(ownerId, key, fields.upload_id);
      if (finished) return { uploadId: finished.sessionId ?? fields.upload_id ?? newId(), batch: finished };
      const { session, ticket } = await this.#sessionFor(ownerId, key, fields);
      await this.#store(session, fields, chunk);
      const batch = this.#isComplete(session, fields) ? await this.#finish(session) : undefined;
      return { uploadId: session.id, ...(ticket && { ticket }), ...(batch && { batch }) };
    });
  }

  /** What is there of a session, as half-open ranges of indices; also of one whose batch is made. */
  status(
    ownerId: string,
    id: string,
  ): { generation: number; total: number; received: [number, number][]; batch?: Batch } {
    const batch = this.#batches.bySession(ownerId, id);
    if (batch) return { generation: 0, total: 0, received: [], batch };
    const session = this.#get(ownerId, id);
    const received: [number, number][] = [];
    for (const index of [...session.chunks.keys()].sort((a, b) => a - b)) {
      const last = received.at(-1);
      if (last?.[1] === index) last[1] = index + 1;
      else received.push([index, index + 1]);
    }
    return { generation: session.generation, total: session.totalChunks, received };
  }

  /** @throws ApiError `already_finished` with the batch id. */
  async discard(ownerId: string, id: string): Promise<void> {
    const batch = this.#batches.bySession(ownerId, id);
    if (batch) {
      throw new ApiError(409, 'already_finished', 'This upload has arrived already.', { batch_id: batch.batchId });
    }
    await this.#remove(this.#get(ownerId, id));
  }

  /** The owner of a session whose ticket this is; undefined otherwise. */
  ownerByTicket(id: string, ticket: string): string | undefined {
    const session = this.#byId.get(id);
    return session?.ticketHash === hashOf(ticket) ? session.ownerId : undefined;
  }

  /** Removes sessions that nobody touched for a day. */
  async collect(now: number): Promise<void> {
    for (const session of this.#byId.values()) if (now - session.touchedAt > IDLE_MS) await this.#remove(session);
  }

  /** Forgets a session as if it had expired; for tests. */
  async lose(id: string): Promise<void> {
    const session = this.#byId.get(id);
    if (session) await this.#remove(session);
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  #finished(ownerId: string, key: string | null, uploadId: string | undefined): Batch | undefined {
    if (key !== null) return this.#batches.byKey(ownerId, key);
    return uploadId === undefined ? undefined : this.#batches.bySession(ownerId, uploadId);
  }

  async #sessionFor(
    ownerId: string,
    key: string | null,
    fields: ChunkFields,
  ): Promise<{ session: Session; ticket?: string }> {
    if (fields.upload_id !== undefined) return { session: checked(this.#get(ownerId, fields.upload_id), fields) };
    if (!this.#exact && fields.chunk_index !== 0) throw notFound();
    const before = key === null ? undefined : this.#byKey(ownerId, key);
    if (before && before.generation > fields.generation) {
      throw new ApiError(409, 'generation_superseded', 'A newer plan of this upload is under way.');
    }
    if (before && before.generation === fields.generation) return { session: checked(before, fields) };
    const opened = await this.#open(ownerId, key, fields);
    if (before) await this.#remove(before);
    return opened;
  }

  async #open(ownerId: string, key: string | null, fields: ChunkFields): Promise<{ session: Session; ticket: string }> {
    const own = [...this.#byId.values()].filter((session) => session.ownerId === ownerId);
    if (own.length >= MOST_OPEN) throw new ApiError(429, 'too_many_sessions', 'Too many unfinished uploads.');
    const ticket = newId();
    const facts: SessionFacts = {
      id: newId(),
      ownerId,
      key,
      generation: fields.generation,
      totalChunks: fields.total_chunks,
      filename: fields.filename,
      uploadType: fields.upload_type,
      taskId: fields.task_id ?? null,
      ticketHash: hashOf(ticket),
    };
    await mkdir(this.#path(facts.id));
    await writeJson(join(this.#path(facts.id), 'session.json'), facts);
    const session = {
      ...facts,
      chunks: new Map(),
      notes: null,
      profileId: null,
      fileSize: null,
      touchedAt: Date.now(),
    };
    this.#byId.set(facts.id, session);
    return { session, ticket };
  }

  async #store(session: Session, fields: ChunkFields, chunk: ReceivedFile): Promise<void> {
    const offset = this.#exact ? (fields.chunk_offset ?? null) : null;
    const stored = {
      file: `${fields.chunk_index}-${offset ?? 'next'}-${chunk.sizeBytes}`,
      sizeBytes: chunk.sizeBytes,
      offset,
    };
    checkPlace(session, fields, stored);
    if (fields.is_final_chunk === 'true') {
      session.notes = fields.notes ?? null;
      session.profileId = fields.profile_id ?? null;
      const { notes, profileId } = session;
      await writeJson(join(this.#path(session.id), 'final.json'), { notes, profileId });
    }
    const before = session.chunks.get(fields.chunk_index);
    await commitFile(chunk.path, join(this.#path(session.id), stored.file));
    if (before && before.file !== stored.file) await rm(join(this.#path(session.id), before.file), { force: true });
    session.chunks.set(fields.chunk_index, stored);
    session.fileSize = fields.file_size ?? session.fileSize;
    session.touchedAt = Date.now();
  }

  #isComplete(session: Session, fields: ChunkFields): boolean {
    const all = session.chunks.size === session.totalChunks;
    if (this.#exact) return all;
    if (fields.is_final_chunk === 'true' && !all) {
      throw new ApiError(409, 'chunks_missing', 'The final chunk came before all others were here.');
    }
    return fields.is_final_chunk === 'true';
  }

  async #finish(session: Session): Promise<Batch> {
    const parts: Part[] = [];
    let sizeBytes = 0;
    for (let index = 0; index < session.totalChunks; index++) {
      const chunk = session.chunks.get(index);
      if (!chunk) throw new ApiError(409, 'chunks_missing', 'Not all chunks are here.');
      if (chunk.offset !== null && chunk.offset !== sizeBytes) throw overlap();
      parts.push({ path: join('sessions', session.id, chunk.file), sizeBytes: chunk.sizeBytes });
      sizeBytes += chunk.sizeBytes;
    }
    if (session.fileSize !== null && session.fileSize !== sizeBytes) throw overlap();
    const { ownerId, key, uploadType, taskId, notes, profileId } = session;
    const facts = { ownerId, key, sessionId: session.id, uploadType, taskId, notes, profileId };
    const file = { name: session.filename, type: 'application/octet-stream', sizeBytes, parts };
    const batch = await this.#batches.addChunked(facts, file);
    this.#byId.delete(session.id);
    return batch;
  }

  #get(ownerId: string, id: string): Session {
    const session = this.#byId.get(id);
    if (session?.ownerId !== ownerId) throw notFound();
    return session;
  }

  #byKey(ownerId: string, key: string): Session | undefined {
    for (const session of this.#byId.values()) if (session.ownerId === ownerId && session.key === key) return session;
    return undefined;
  }

  async #remove(session: Session): Promise<void> {
    this.#byId.delete(session.id);
    const gone = join(this.#dataDir, 'temp', newId());
    await rename(this.#path(session.id), gone);
    await rm(gone, { recursive: true, force: true });
  }

  async #loadOne(id: string): Promise<void> {
    const facts = (await readJson(join(this.#path(id), 'session.json'))) as SessionFacts | null;
    if (facts && this.#batches.bySession(facts.ownerId, id)) return;
    if (!facts) return rm(this.#path(id), { recursive: true, force: true });
    const final = ((await readJson(join(this.#path(id), 'final.json'))) ?? {}) as Partial<Session>;
    const chunks = new Map<number, StoredChunk>();
    for (const file of await readdir(this.#path(id))) {
      const [, index, offset, size] = /^(\d+)-(\d+|next)-(\d+)$/.exec(file) ?? [];
      if (index === undefined) continue;
      chunks.set(Number(index), { file, sizeBytes: Number(size), offset: offset === 'next' ? null : Number(offset) });
    }
    const touchedAt = (await stat(this.#path(id))).mtimeMs;
    const { notes = null, profileId = null } = final;
    this.#byId.set(id, { ...facts, chunks, notes, profileId, fileSize: null, touchedAt });
  }

  #dir(): string {
    return join(this.#dataDir, 'sessions');
  }

  #path(id: string): string {
    return join(this.#dir(), id);
  }
}
