import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const BLOCK = 4 * 1024 * 1024;

/** A file on disk whose content is known. */
export interface TestFile {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** A temporary folder, and what removes it. */
export interface Folder {
  readonly dir: string;
  remove(): Promise<void>;
}

const folders = new Set<string>();
// A run that is interrupted awaits nothing any more.
process.once('exit', () => {
  for (const dir of folders) rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

/** Makes a temporary folder; the end of the process removes it too. */
export async function tempFolder(): Promise<Folder> {
  const dir = await mkdtemp(join(tmpdir(), 'uploader-'));
  folders.add(dir);
  const remove = async () => {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    folders.delete(dir);
  };
  return { dir, remove };
}

/** A file of pseudo-random bytes, the same for the same name and seed. */
export async function makeFile(dir: string, name: string, sizeBytes: number, seed = 1): Promise<TestFile> {
  const path = join(dir, name);
  const key = createHash('sha256').update(`${seed} ${name}`).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const hash = createHash('sha256');
  await pipeline(
    Readable.from(zeros(sizeBytes)),
    cipher,
    async function* (bytes: AsyncIterable<Buffer>) {
      for await (const data of bytes) {
        hash.update(data);
        yield data;
      }
    },
    createWriteStream(path),
  );
  return { path, name, sizeBytes, sha256: hash.digest('hex') };
}

/** SHA-256 of anything that streams, in hex. */
export async function sha256(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const data of bytes) hash.update(data);
  return hash.digest('hex');
}

/** SHA-256 of a file on disk, in hex. */
export function sha256Of(path: string): Promise<string> {
  return sha256(createReadStream(path));
}

function* zeros(sizeBytes: number): Generator<Buffer> {
  const block = Buffer.alloc(BLOCK);
  for (let left = sizeBytes; left > 0; left -= BLOCK) yield block.subarray(0, Math.min(left, BLOCK));
}
