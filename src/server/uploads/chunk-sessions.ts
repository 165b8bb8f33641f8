import { badField, notFound } from '../errors.ts';
import type { ReceivedBlob } from '../store/byte-store.ts';
import type { FileList } from '../store/file-list.ts';
import type { Storage } from '../store/storage.ts';
import { countBytes, type Session } from '../store/upload-store.ts';
import { checkFileList, checkPlan, checkPosition, createSession, generationSuperseded } from './chunk-plan.ts';
import type { ChunkFields } from './form-fields.ts';
import { isWorthKeeping, keepApart, type PartialChunks } from './partial-chunks.ts';
import { checkUploadSize, type Quotas, toQuotaResponse } from './quotas.ts';

/** The dependencies of the sessions. */
export interface ChunkSessionsDependencies {
  readonly uploads: Storage['uploads'];
  readonly partials: PartialChunks;
  readonly quotas: Quotas;
}

/** Stores chunks in sessions. Its callers have the lock of the upload. */
export class ChunkSessions {
  readonly #uploads: Storage['uploads'];
  readonly #partials: PartialChunks;
  readonly #quotas: Quotas;

  constructor({ uploads, partials, quotas }: ChunkSessionsDependencies) {
    this.#uploads = uploads;
    this.#partials = partials;
    this.#quotas = quotas;
  }

  /** @throws ApiError 404 `session_not_found`. */
  async get(ownerId: string, sessionId: string): Promise<Session> {
    const session = await this.#uploads.findSession(sessionId);
    if (session?.ownerId !== ownerId) throw notFound();
    return session;
  }

  /**
   * Checks a chunk, before its bytes arrive, against its session and the kept bytes.
   *
   * @throws ApiError 409 `partial_changed`, or when the chunk does not fit its session.
   */
  async checkPartial(ownerId: string, fields: ChunkFields): Promise<void> {
    await this.#partials.check(await this.#findOrCreate(ownerId, fields), fields);
  }

  /** Stores a chunk and the list that came with it; the first chunk creates its session. */
  async saveChunk(ownerId: string, fields: ChunkFields, received: ReceivedBlob, fileList?: FileList): Promise<Session> {
    const { index } = fields;
    const session = await this.#findOrCreate(ownerId, fields);
    checkFileList(session, index, fileList);
    const chunk = await this.#partials.toChunk(session, fields, received);
    const partials = keepApart(session, index, chunk);
    const chunks = new Map(session.chunks).set(index, chunk);
    const next = { ...withFields(session, fields), partials };
    checkPosition(next, index, chunk);
    this.#checkSize(session, { ...next, chunks });
    return this.#save(() => this.#uploads.saveChunk({ session: next, index, chunk, fileList, limits: this.#quotas }));
  }

  /** Keeps what arrived of a chunk whose request was cut, unless the session has better. */
  async savePartial(ownerId: string, fields: ChunkFields, received: ReceivedBlob): Promise<void> {
    const { index } = fields;
    const session = await this.#findOrCreate(ownerId, fields);
    const chunk = await this.#partials.toChunk(session, fields, received);
    if (!isWorthKeeping(session, fields, chunk)) return;
    const partials = keepApart(session, index, chunk).set(index, chunk);
    const next = { ...withFields(session, fields), partials };
    checkPosition(next, index, chunk);
    this.#checkSize(session, next);
    await this.#save(() => this.#uploads.savePartials({ session: next, limits: this.#quotas }));
  }

  async #findOrCreate(ownerId: string, fields: ChunkFields): Promise<Session> {
    const { key, sessionId } = fields;
    if (sessionId !== null) {
      const session = await this.get(ownerId, sessionId);
      if (key !== null && session.key !== key) throw notFound();
      checkPlan(session, fields);
      return session;
    }
    if (key === null && fields.index !== 0) throw badField('upload_id', 'is missing');
    const previous = key === null ? undefined : await this.#uploads.findSessionByKey(ownerId, key);
    const generation = fields.generation ?? 0;
    if (previous && previous.generation > generation) throw generationSuperseded();
    if (previous?.generation !== generation) return createSession(ownerId, fields);
    checkPlan(previous, fields);
    return previous;
  }

  #checkSize(session: Session, next: Session): void {
    const sizeBytes = countBytes(next);
    if (sizeBytes > countBytes(session)) checkUploadSize(sizeBytes, this.#quotas);
  }

  async #save(save: () => Promise<Session>): Promise<Session> {
    return save().catch((error: unknown) => {
      throw toQuotaResponse(error);
    });
  }
}

/** Any chunk may add metadata, and the size of the file. */
function withFields(session: Session, { metadata, fileSize }: ChunkFields): Session {
  return { ...session, metadata: { ...session.metadata, ...metadata }, fileSize: fileSize ?? session.fileSize };
}
