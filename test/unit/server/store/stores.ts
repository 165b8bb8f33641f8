import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ByteStore, Part } from '../../../../src/server/store/byte-store.ts';
import type {
  Batch,
  BatchPosition,
  ChunkUpdate,
  NewBatch,
  Session,
  UploadStore,
} from '../../../../src/server/store/upload-store.ts';

/** A store with the byte store that its blobs are in. */
export interface Stores {
  readonly uploads: UploadStore;
  readonly bytes: ByteStore;
  /** Opens the same stores again, as after a restart. */
  reopen(): Promise<Stores>;
}

export const LIMITS = { maxSessions: 10, maxBytes: 1000, maxUserBytes: 10_000 };
let lastId = 0;

export function newSession(facts: Partial<ChunkUpdate['session']> = {}): ChunkUpdate['session'] {
  const id = `session-${++lastId}`;
  const plan = { key: null, generation: 0, totalChunks: 2, filename: 'film.mov', uploadType: 'file' };
  const nothing = { fileSize: null, fileCount: null, partials: new Map() };
  return { id, ownerId: 'ada', ...plan, metadata: {}, ...nothing, ...facts };
}

/** Receives and commits bytes, then saves them as a chunk. */
export async function save(
  { uploads, bytes }: Stores,
  session: ChunkUpdate['session'],
  index: number,
  content: string,
  { offset = null, limits = LIMITS }: { offset?: number | null; limits?: ChunkUpdate['limits'] } = {},
): Promise<Session> {
  const part = await receive(bytes, content);
  const { sizeBytes } = part;
  return uploads.saveChunk({ session, index, chunk: { parts: [part], sizeBytes, offset }, limits });
}

/** Receives and commits bytes. */
export async function receive(bytes: ByteStore, content: string): Promise<Part> {
  const { blob, sizeBytes } = await bytes.receive(Readable.from([content]));
  await bytes.commit(blob);
  return { blob, sizeBytes };
}

/** The ids of the batches of a user, before a position. */
export async function listBatches(uploads: UploadStore, ownerId = 'ada', before?: BatchPosition): Promise<string[]> {
  const ids: string[] = [];
  for await (const { batchId } of uploads.listBatches(ownerId, before)) ids.push(batchId);
  return ids;
}

export function toBatch({ id, chunks, filename, ...facts }: Session): NewBatch {
  const { ownerId, key, generation, totalChunks, uploadType, metadata, fileList } = facts;
  const parts = [...chunks.values()].flatMap((chunk) => chunk.parts);
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const file = { name: filename, type: 'application/octet-stream', sizeBytes, sha256: null, parts };
  return { ownerId, key, sessionId: id, generation, totalChunks, uploadType, metadata, files: [file], fileList };
}

export async function readBatch({ bytes }: Stores, batch: Batch | undefined): Promise<string | undefined> {
  const file = batch?.files[0];
  return file && text(bytes.read(file.parts, 0, file.sizeBytes));
}

/** Receives a file and makes a batch of it. */
export async function createWhole(
  { uploads, bytes }: Stores,
  content: string,
  facts: Partial<NewBatch> = {},
  limits = LIMITS,
): Promise<Batch> {
  const { blob, sizeBytes, sha256 } = await bytes.receive(Readable.from([content]));
  await bytes.commit(blob);
  const file = { name: 'film.mov', type: 'video/quicktime', sizeBytes, sha256, parts: [{ blob, sizeBytes }] };
  const plan = { key: null, sessionId: null, generation: 0, totalChunks: 0, uploadType: 'file', metadata: {} };
  return uploads.createBatch({ ownerId: 'ada', ...plan, files: [file], fileList: null, ...facts }, limits);
}
