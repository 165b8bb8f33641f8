import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newId } from '../../ids.ts';
import type { BlobRef, ByteStore, Part, ReceivedBlob } from '../byte-store.ts';
import { renameDurably, sync } from './atomic-fs.ts';
import { FreeSpace } from './free-space.ts';

const TEMP = 'temp';
/** How often the free space is checked while bytes arrive. */
const SPACE_CHECK_BYTES = 8 * 1024 * 1024;

/** Bytes in the data folder. A blob is a path relative to it. */
export class FolderByteStore implements ByteStore {
  readonly #dataDir: string;
  readonly #space: FreeSpace;
  readonly #readers = new Map<BlobRef, Set<Promise<unknown>>>();

  private constructor(dataDir: string, space: FreeSpace) {
    this.#dataDir = dataDir;
    this.#space = space;
  }

  static async open(dataDir: string, space = FreeSpace.of(dataDir, 0)): Promise<FolderByteStore> {
    const temp = join(dataDir, TEMP);
    // A previous process left this: none of its requests was acknowledged.
    await rm(temp, { recursive: true, force: true });
    await mkdir(temp, { recursive: true, mode: 0o700 });
    return new FolderByteStore(dataDir, space);
  }

  async receive(stream: Readable): Promise<ReceivedBlob> {
    await this.requireSpace(0);
    const blob = this.newTemp();
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const requireSpace = () => this.requireSpace(0);
    const measure = new Transform({
      transform(data: Buffer, _encoding, done) {
        hash.update(data);
        const checks = Math.floor(sizeBytes / SPACE_CHECK_BYTES);
        sizeBytes += data.length;
        if (Math.floor(sizeBytes / SPACE_CHECK_BYTES) === checks) done(null, data);
        else requireSpace().then(() => done(null, data), done);
      },
    });
    await this.write(blob, (file) => pipeline(stream, measure, file));
    return { blob, sizeBytes, sha256: hash.digest('hex') };
  }

  commit(blob: BlobRef): Promise<void> {
    return sync(this.toPath(blob));
  }

  read(parts: readonly Part[], start: number, end: number): Readable {
    const ranges = toRanges(parts, start, end);
    const bytes = Readable.from(this.#readRanges(ranges));
    const closed = new Promise((resolve) => bytes.once('close', resolve));
    for (const { blob } of ranges) this.addReader(blob, closed);
    return bytes;
  }

  async remove(blobs: readonly BlobRef[]): Promise<void> {
    const received = blobs.filter((blob) => this.isReceived(blob));
    await Promise.all(received.map((blob) => rm(this.toPath(blob), { force: true })));
  }

  /** @throws Error `ENOSPC` when the disk has no room for so many bytes. */
  requireSpace(bytes: number): Promise<void> {
    return this.#space.require(bytes);
  }

  /** A new name for a file or folder that the next start removes. */
  newTemp(): BlobRef {
    return join(TEMP, newId());
  }

  /** Whether no fact refers to a blob yet. */
  isReceived(blob: BlobRef): boolean {
    return blob.startsWith(join(TEMP, '/'));
  }

  toPath(blob: BlobRef): string {
    return join(this.#dataDir, blob);
  }

  /** Writes a file; nothing is left when that fails. */
  async write(blob: BlobRef, fill: (file: WriteStream) => Promise<void>): Promise<void> {
    const file = createWriteStream(this.toPath(blob), { mode: 0o600 });
    try {
      await fill(file);
    } catch (error) {
      // A stream that is destroyed early may still create its file before it closes.
      file.destroy();
      if (!file.closed) await once(file, 'close').catch(() => undefined);
      await rm(this.toPath(blob), { force: true });
      throw error;
    }
  }

  /** Gives committed bytes their place. */
  async place(from: BlobRef, to: BlobRef): Promise<void> {
    await renameDurably(this.toPath(from), this.toPath(to));
  }

  /** Resolves when the present readers of these blobs are closed. */
  async waitForReaders(parts: readonly Pick<Part, 'blob'>[]): Promise<void> {
    await Promise.allSettled(parts.flatMap(({ blob }) => [...(this.#readers.get(blob) ?? [])]));
  }

  /** Counts a reader of a blob until it is closed. */
  addReader(blob: BlobRef, closed: Promise<unknown>): void {
    const readers = this.#readers.get(blob) ?? new Set();
    this.#readers.set(blob, readers.add(closed));
    const remove = () => {
      readers.delete(closed);
      if (readers.size === 0 && this.#readers.get(blob) === readers) this.#readers.delete(blob);
    };
    void closed.then(remove, remove);
  }

  /** Removes a folder. It disappears at once, also when it holds many files. */
  async removeFolder(folder: string): Promise<void> {
    const removed = this.toPath(this.newTemp());
    await rename(join(this.#dataDir, folder), removed).catch((error: { code?: string }) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rm(removed, { recursive: true, force: true });
  }

  async *#readRanges(ranges: readonly BlobRange[]): AsyncGenerator<Buffer> {
    for (const { blob, start, end } of ranges) yield* createReadStream(this.toPath(blob), { start, end: end - 1 });
  }
}

interface BlobRange {
  readonly blob: BlobRef;
  readonly start: number;
  readonly end: number;
}

function toRanges(parts: readonly Part[], start: number, end: number): BlobRange[] {
  const ranges: BlobRange[] = [];
  let offset = 0;
  for (const { blob, sizeBytes } of parts) {
    const range = { blob, start: Math.max(start - offset, 0), end: Math.min(end - offset, sizeBytes) };
    if (range.start < range.end) ranges.push(range);
    offset += sizeBytes;
  }
  return ranges;
}
