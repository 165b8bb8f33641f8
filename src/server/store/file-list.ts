import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { BlobRef, ByteStore } from './byte-store.ts';

/** One file as the sender of a list describes it. */
export interface ListEntry {
  readonly name: string;
  /** Relative, with `/`, ends with the name; null when the sender gave none. */
  readonly path: string | null;
  readonly type: string;
  readonly sizeBytes: number;
  /** ISO 8601 in UTC. */
  readonly modifiedAt: string | null;
}

/** One file as a list stores it. */
export interface StoredEntry extends ListEntry {
  /** Where its bytes start in the upload. */
  readonly start: number;
  /** Hex; null until it was computed. */
  readonly sha256: string | null;
}

/**
 * The list of the files of an upload, as one blob. It starts with a table of records of a fixed
 * size, so that any page of any list is read in constant time and no list has to stay in memory:
 *
 * - `start` (double): where the bytes of the file start in the upload,
 * - `line` (double): where its JSON starts in the blob,
 * - its SHA-256 (32 bytes), zeros until `hasDigests`.
 *
 * One more record states both ends. The JSON of all files follows.
 */
export interface FileList {
  readonly blob: BlobRef;
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly hasDigests: boolean;
}

type Line = Omit<ListEntry, 'sizeBytes'>;

const RECORD_BYTES = 48;
const LINE = 8;
const SHA256 = 16;

/** Creates the blob of a list without digests. */
export function encodeFileList(entries: readonly ListEntry[]): Buffer {
  const table = Buffer.alloc((entries.length + 1) * RECORD_BYTES);
  const lines: Buffer[] = [];
  let start = 0;
  let line = table.length;
  for (const [n, { sizeBytes, ...described }] of entries.entries()) {
    writeRecord(table, n, start, line);
    const json = Buffer.from(JSON.stringify(described satisfies Line));
    lines.push(json);
    start += sizeBytes;
    line += json.length;
  }
  writeRecord(table, entries.length, start, line);
  return Buffer.concat([table, ...lines]);
}

/**
 * Reads the entries `[from, from + limit)` of a list.
 *
 * @param findList is called before each read: the list moves when its upload is joined, and only
 *   the digests differ then.
 */
export async function readFileList(
  bytes: Pick<ByteStore, 'read'>,
  findList: () => Promise<FileList>,
  from: number,
  limit: number,
): Promise<StoredEntry[]> {
  const list = await findList();
  const to = Math.min(from + limit, list.fileCount);
  if (from >= to) return [];
  const table = await buffer(bytes.read([list], from * RECORD_BYTES, (to + 1) * RECORD_BYTES));
  const [first, end] = [readLine(table, 0), readLine(table, to - from)];
  const lines = await buffer(bytes.read([await findList()], first, end));
  return Array.from({ length: to - from }, (_, n) => {
    const line = lines.subarray(readLine(table, n) - first, readLine(table, n + 1) - first);
    const start = readStart(table, n);
    const sizeBytes = readStart(table, n + 1) - start;
    return {
      ...(JSON.parse(line.toString()) as Line),
      sizeBytes,
      start,
      sha256: list.hasDigests ? readSha256(table, n) : null,
    };
  });
}

/** Computes the digests of all files of a list in one pass over the bytes of the upload. */
export class FileDigests {
  /** The list, whose digests are complete once all bytes have passed. */
  readonly list: Buffer;
  readonly #fileCount: number;
  #hash = createHash('sha256');
  #position = 0;
  #n = 0;

  constructor(list: Buffer) {
    this.list = list;
    this.#fileCount = readLine(list, 0) / RECORD_BYTES - 1;
    this.#finishFiles();
  }

  update(data: Buffer): void {
    for (let rest = data; rest.length > 0 && this.#n < this.#fileCount; ) {
      const part = rest.subarray(0, readStart(this.list, this.#n + 1) - this.#position);
      this.#hash.update(part);
      this.#position += part.length;
      rest = rest.subarray(part.length);
      this.#finishFiles();
    }
  }

  /** Empty files end where they start. */
  #finishFiles(): void {
    while (this.#n < this.#fileCount && readStart(this.list, this.#n + 1) === this.#position) {
      this.#hash.digest().copy(this.list, this.#n * RECORD_BYTES + SHA256);
      this.#hash = createHash('sha256');
      this.#n++;
    }
  }
}

function writeRecord(table: Buffer, n: number, start: number, line: number): void {
  table.writeDoubleLE(start, n * RECORD_BYTES);
  table.writeDoubleLE(line, n * RECORD_BYTES + LINE);
}

function readStart(table: Buffer, n: number): number {
  return table.readDoubleLE(n * RECORD_BYTES);
}

function readLine(table: Buffer, n: number): number {
  return table.readDoubleLE(n * RECORD_BYTES + LINE);
}

function readSha256(table: Buffer, n: number): string {
  const offset = n * RECORD_BYTES + SHA256;
  return table.toString('hex', offset, offset + 32);
}
