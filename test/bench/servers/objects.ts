import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { atLeast } from './at-least.ts';

/** A stored body. */
export interface Part {
  readonly path: string;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
}

/**
 * Stores bodies as the reference server does: hashed on arrival, durable before the response, and
 * answered after a wait.
 */
export class Objects {
  readonly #dir: string;
  readonly #waitMs: number;
  readonly #whole: (readonly Part[])[] = [];
  #count = 0;

  constructor(dir: string, waitMs: number) {
    this.#dir = dir;
    this.#waitMs = waitMs;
  }

  /** Stores a body. Of one that is cut it stores what arrived, and does not wait. */
  async store(body: IncomingMessage): Promise<Part> {
    const path = join(this.#dir, String(this.#count++));
    const hash = createHash('sha256');
    const file = createWriteStream(path);
    let sizeBytes = 0;
    body.on('data', (bytes: Buffer) => {
      hash.update(bytes);
      sizeBytes += bytes.length;
      if (!file.write(bytes)) body.pause();
    });
    file.on('drain', () => body.resume());
    await finished(body).catch(() => undefined);
    await finished(file.end());
    await atLeast(body.complete ? this.#waitMs : 0, sync(path));
    return { path, sizeBytes, sha256: hash.digest('hex') };
  }

  /** Declares a whole file, by its parts in order. */
  finish(parts: readonly Part[]): void {
    this.#whole.push(parts);
  }

  /** The wait of a request without a body. */
  async wait(): Promise<void> {
    await atLeast(this.#waitMs, Promise.resolve());
  }

  /** SHA-256 of every whole file, read from disk. */
  async digests(): Promise<string[]> {
    const digests: string[] = [];
    for (const parts of this.#whole) {
      const hash = createHash('sha256');
      for (const { path } of parts) for await (const bytes of createReadStream(path)) hash.update(bytes);
      digests.push(hash.digest('hex'));
    }
    return digests;
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path);
  await file.sync();
  await file.close();
}
