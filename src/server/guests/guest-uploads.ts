import { badField, notFound } from '../errors.ts';
import type { ReceivedBlob } from '../store/byte-store.ts';
import type { FileList } from '../store/file-list.ts';
import type { GuestLink } from '../store/guest-links.ts';
import { type Batch, sumSizes } from '../store/upload-store.ts';
import type { ChunkFields, UploadFields } from '../uploads/form-fields.ts';
import type { SessionProgress } from '../uploads/session-progress.ts';
import type { ChunkReceipt, ReceivedFile, UploadService } from '../uploads/upload-service.ts';
import { type GuestLinks, linkEnded } from './guest-links.ts';

/** The methods of the upload service that the routes of uploads need. */
export type UploaderUploads = Pick<
  UploadService,
  | 'checkRoom'
  | 'findBatchByKey'
  | 'receiveFiles'
  | 'receiveChunk'
  | 'checkPartial'
  | 'keepPartial'
  | 'getProgress'
  | 'discardSession'
  | 'findIdentity'
>;

/** With the prefix it must fit where keys of users fit. */
const MAX_KEY_LENGTH = 100;

/**
 * Uploads of guests: they belong to the owner of the link, count against its limits, and have keys
 * of their own, so that a guest reaches no other upload of the owner.
 */
export class GuestUploads implements UploaderUploads {
  readonly #uploads: UploaderUploads;
  readonly #links: GuestLinks;

  constructor(uploads: UploaderUploads, links: GuestLinks) {
    this.#uploads = uploads;
    this.#links = links;
  }

  async checkRoom(linkId: string, key: string | null, arrivingBytes: number): Promise<void> {
    const ownKey = key === null ? null : toOwnerKey(linkId, key);
    await this.#uploads.checkRoom(await this.#findOwner(linkId), ownKey, arrivingBytes);
  }

  /** The batch of an upload that a guest of the link sent. */
  async findBatchByKey(linkId: string, key: string): Promise<Batch | undefined> {
    return this.#uploads.findBatchByKey(await this.#findOwner(linkId), toOwnerKey(linkId, key));
  }

  async receiveFiles(linkId: string, fields: UploadFields, files: readonly ReceivedFile[]): Promise<Batch> {
    const key = requireKey(fields);
    const { ownerId } = await this.#links.claim(linkId, key, { files: files.length, bytes: sumSizes(files) });
    return this.#uploads.receiveFiles(ownerId, { ...fields, key: toOwnerKey(linkId, key) }, files);
  }

  async receiveChunk(
    linkId: string,
    fields: ChunkFields,
    chunk: ReceivedBlob,
    fileList?: FileList,
  ): Promise<ChunkReceipt> {
    const own = await this.#scope(linkId, fields);
    const { ownerId } = await this.#claim(linkId, fields);
    return this.#uploads.receiveChunk(ownerId, own, chunk, fileList);
  }

  async checkPartial(linkId: string, fields: ChunkFields): Promise<void> {
    const own = await this.#scope(linkId, fields);
    await this.#uploads.checkPartial(await this.#findOwner(linkId), own);
  }

  async keepPartial(linkId: string, fields: ChunkFields, received: ReceivedBlob): Promise<void> {
    const own = await this.#scope(linkId, fields);
    const { ownerId } = await this.#claim(linkId, fields);
    await this.#uploads.keepPartial(ownerId, own, received);
  }

  async getProgress(linkId: string, sessionId: string): Promise<SessionProgress> {
    const key = await this.#findKey(linkId, sessionId);
    const { batch, ...progress } = await this.#uploads.getProgress(await this.#findOwner(linkId), sessionId);
    return { ...progress, key, ...(batch && { batch }) };
  }

  async discardSession(linkId: string, sessionId: string): Promise<void> {
    await this.#findKey(linkId, sessionId);
    await this.#uploads.discardSession(await this.#findOwner(linkId), sessionId);
  }

  /** Only tickets need it. */
  async findIdentity(): Promise<undefined> {}

  #claim(linkId: string, fields: ChunkFields): Promise<GuestLink> {
    const { fileCount, fileSize } = fields;
    return this.#links.claim(linkId, requireKey(fields), { files: fileCount ?? 1, bytes: fileSize ?? 0 });
  }

  /** The fields of a chunk with the key that its owner knows. */
  async #scope(linkId: string, fields: ChunkFields): Promise<ChunkFields> {
    const key = requireKey(fields);
    if (fields.fileSize === null) throw badField('file_size', 'is missing');
    if (fields.offset === null) throw badField('chunk_offset', 'is missing');
    if (fields.sessionId !== null && (await this.#findKey(linkId, fields.sessionId)) !== key) throw notFound();
    return { ...fields, key: toOwnerKey(linkId, key) };
  }

  /** The key under which a guest of the link opened a session. */
  async #findKey(linkId: string, sessionId: string): Promise<string> {
    const identity = await this.#uploads.findIdentity(sessionId);
    const prefix = toOwnerKey(linkId, '');
    if (!identity?.key?.startsWith(prefix) || identity.ownerId !== (await this.#findOwner(linkId))) throw notFound();
    return identity.key.slice(prefix.length);
  }

  async #findOwner(linkId: string): Promise<string> {
    const link = await this.#links.find(linkId);
    if (!link) throw linkEnded();
    return link.ownerId;
  }
}

function toOwnerKey(linkId: string, key: string): string {
  return `guest:${linkId}:${key}`;
}

function requireKey({ key }: Pick<UploadFields, 'key'>): string {
  if (key === null) throw badField('idempotency_key', 'is missing');
  if (key.length > MAX_KEY_LENGTH) throw badField('idempotency_key', `must have at most ${MAX_KEY_LENGTH} characters`);
  return key;
}
