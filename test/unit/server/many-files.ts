import { type ApiResponse, form, type Peer } from './peer.ts';

/** A file of an upload of many files. */
export interface SentFile {
  readonly path: string;
  readonly bytes: string;
}

/** Files with borders that chunks may share, and empty ones first, in the middle and last. */
export const TRIP: readonly SentFile[] = [
  { path: 'trip/empty first.txt', bytes: '' },
  { path: 'trip/day 1/a.txt', bytes: 'abcd' },
  { path: 'trip/day 1/b.txt', bytes: 'efgh' },
  { path: 'trip/empty.txt', bytes: '' },
  { path: 'trip/day 2/a.txt', bytes: 'ijklmnopqrs' },
  { path: 'trip/empty last.txt', bytes: '' },
];

/** The list as a client sends it. */
export function toList(files: readonly SentFile[]): Record<string, unknown>[] {
  return files.map(({ path, bytes }) => ({
    name: path.split('/').at(-1),
    path,
    type: 'text/plain',
    size_bytes: Buffer.byteLength(bytes),
    modified_at: '2026-11-30T10:00:00.000Z',
  }));
}

/** One upload of many files, which the test sends in pieces of its choice. */
export class ManyFiles {
  readonly files: readonly SentFile[];
  readonly bytes: string;
  readonly #peer: Pick<Peer, 'send'>;
  readonly #chunkBytes: number;
  readonly #fields: Record<string, string | number>;

  constructor(
    peer: Pick<Peer, 'send'>,
    files: readonly SentFile[],
    chunkBytes: number,
    fields: Record<string, string | number> = {},
  ) {
    this.#peer = peer;
    this.files = files;
    this.bytes = files.map(({ bytes }) => bytes).join('');
    this.#chunkBytes = chunkBytes;
    this.#fields = { idempotency_key: 'many', generation: 0, ...fields };
  }

  get totalChunks(): number {
    return Math.max(1, Math.ceil(this.bytes.length / this.#chunkBytes));
  }

  /** Sends a chunk; chunk 0 with the list, or with another one. */
  send(index: number, list: unknown = toList(this.files), peer = this.#peer): Promise<ApiResponse> {
    const offset = index * this.#chunkBytes;
    const hasList = index === 0 && list !== null;
    return peer.send(
      'POST',
      '/batches/upload-chunk',
      form({
        chunk_index: index,
        total_chunks: this.totalChunks,
        filename: 'trip',
        upload_type: 'file',
        is_final_chunk: index === this.totalChunks - 1,
        chunk_offset: offset,
        file_size: this.bytes.length,
        file_count: this.files.length,
        ...this.#fields,
        file_list: hasList ? new Blob([typeof list === 'string' ? list : JSON.stringify(list)]) : undefined,
        chunk: new Blob([this.bytes.slice(offset, offset + this.#chunkBytes)]),
      }),
    );
  }

  /**
   * Sends all chunks one after another.
   *
   * @returns the batch id.
   */
  async sendAll(order: readonly number[] = Array.from({ length: this.totalChunks }, (_, n) => n)): Promise<string> {
    let batchId: string | undefined;
    for (const index of order) {
      const { status, json } = await this.send(index);
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(json)}`);
      batchId = json.batch_id;
    }
    if (batchId === undefined) throw new Error('There is no batch after all chunks.');
    return batchId;
  }
}

/** Downloads every file of a batch. */
export async function downloadAll(peer: Peer, batchId: string, count: number): Promise<string[]> {
  const files: string[] = [];
  for (let n = 0; n < count; n++) files.push(await peer.download(batchId, n));
  return files;
}
