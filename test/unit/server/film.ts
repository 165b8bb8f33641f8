import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { ServerOptions } from '../../../src/server/server-options.ts';
import { type Fields, openChunk, openSocket, type RawForm, readTempFiles } from './chunk-socket.ts';
import { type ApiResponse, folder, type Peer, peer, start } from './peer.ts';

const KIB = 1024;

/** A file of three chunks of 256 KiB, and the user who uploads it. */
export class Film {
  readonly ada: Peer;
  readonly dataDir: string;
  readonly content: Buffer;

  private constructor(ada: Peer, dataDir: string, content: Buffer) {
    this.ada = ada;
    this.dataDir = dataDir;
    this.content = content;
  }

  static async create(options: Partial<ServerOptions> = {}): Promise<Film> {
    const dataDir = await folder();
    return new Film(await peer(await start({ ...options, dataDir })), dataDir, createContent(768 * KIB));
  }

  /** The same file at the same server after a restart, or at another peer. */
  async restart(options: Partial<ServerOptions> = {}): Promise<Film> {
    await this.ada.server.close();
    return this.as(await peer(await start({ ...options, dataDir: this.dataDir })));
  }

  as(other: Peer): Film {
    return new Film(other, this.dataDir, this.content);
  }

  /** Opens the session with chunk 2, and returns its id. */
  async open(fields: Fields = {}): Promise<string> {
    return (await this.send(2, fields)).json.upload_id;
  }

  /** Sends a chunk whole, or the bytes of the file from `chunk_offset` to the end of the chunk. */
  send(
    index: number,
    { to = (index + 1) * 256 * KIB, ...fields }: Fields & { to?: number } = {},
  ): Promise<ApiResponse> {
    const { chunk_offset = index * 256 * KIB } = fields;
    const bytes = this.content.subarray(Number(chunk_offset), to);
    return this.ada.chunk(index, new Blob([new Uint8Array(bytes)]), { ...this.plan(Number(chunk_offset)), ...fields });
  }

  /** Sends the first bytes of a chunk, waits until the server has written them, and stays open. */
  async begin(index: number, bytes: number, fields: Fields = {}): Promise<RawForm> {
    const { chunk_offset = index * 256 * KIB } = fields;
    const offset = Number(chunk_offset);
    const body = (index + 1) * 256 * KIB - offset;
    const before = await readTempFiles(this.dataDir);
    const form = await openChunk(this.ada, index, body, { ...this.plan(offset), ...fields });
    await form.write(this.content.subarray(offset, offset + bytes));
    const written = async () => {
      const added = [...(await readTempFiles(this.dataDir))].filter(([name]) => !before.has(name));
      return added.map(([, size]) => size).sort((a, b) => a - b);
    };
    const whole = Object.values(fields).flatMap((value) => (value instanceof Blob ? value.size : []));
    await expect.poll(written).toEqual([...whole, bytes].sort((a, b) => a - b));
    return form;
  }

  /** Sends the first bytes of a chunk, cuts the request and waits until the server knows it. */
  async cut(uploadId: string, index: number, bytes: number, fields: Fields = {}): Promise<ApiResponse> {
    const form = await this.begin(index, bytes, fields);
    await form.cut();
    return this.status(uploadId, index);
  }

  /** Sends the first bytes of a chunk that the server does not write, and cuts the request. */
  async sendRefused(index: number, bytes: number, fields: Fields): Promise<void> {
    const form = await openChunk(this.ada, index, 256 * KIB, { ...this.plan(0), ...fields });
    await form.write(this.content.subarray(0, bytes));
    await form.cut();
  }

  /** Sends bytes on a connection of their own, and closes it. */
  async cutRaw(bytes: string): Promise<void> {
    const socket = openSocket(this.ada.server.url());
    await socket.write(bytes);
    await socket.cut();
  }

  /** The status after the requests for this chunk have ended. */
  status(uploadId: string, index: number): Promise<ApiResponse> {
    return this.ada.get(`/batches/upload-chunk/${uploadId}?cut=${index}`);
  }

  /** The fields of a request that continues kept bytes. */
  continuation({ offset, size_bytes }: { offset: number; size_bytes: number }): Fields {
    return { chunk_offset: offset + size_bytes, partial_sha256: this.digest(offset, offset + size_bytes) };
  }

  digest(from: number, to: number): string {
    return createHash('sha256').update(this.content.subarray(from, to)).digest('hex');
  }

  async download(batchId: string, n = 0): Promise<Buffer> {
    const url = `${this.ada.server.url()}/api/batches/${batchId}/files/${n}`;
    const response = await fetch(url, { headers: { Authorization: `Bearer ${this.ada.token}` } });
    return Buffer.from(await response.arrayBuffer());
  }

  /** The fields of a chunk at this offset. */
  plan(offset: number): Fields {
    const size = { chunk_offset: offset, file_size: this.content.length };
    return { idempotency_key: 'k', generation: 0, total_chunks: 3, ...size };
  }
}

/** Without CR, which may begin a boundary: a form parser would hold it back. */
function createContent(size: number): Buffer {
  return Buffer.from(randomBytes(size).map((byte) => (byte === 13 ? 10 : byte)));
}
