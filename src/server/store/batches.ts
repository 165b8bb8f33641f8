import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newId } from '../ids.ts';
import type { ReceivedFile } from '../multipart/form-parts.ts';
import { commitFile, makeFolder, readJson, writeJson } from './atomic-fs.ts';
import { KeyedMutex } from './keyed-mutex.ts';

/** A stretch of a file that lies in a file of its own, relative to the data folder. */
export interface Part {
  readonly path: string;
  readonly sizeBytes: number;
}

/** One file of a batch: its bytes are its parts, in order; one part once they are joined. */
export interface BatchFile {
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  /** Hex; null until the joined file was read through. */
  readonly sha256: string | null;
  readonly parts: readonly Part[];
}

/** A finished upload: the manifest that is the truth, whatever form its bytes have. */
export interface Batch {
  readonly batchId: string;
  readonly ownerId: string;
  readonly key: string | null;
  /** The session it came through, with its plan; null and zeros for what came in one request. */
  readonly sessionId: string | null;
  readonly generation: number;
  readonly totalChunks: number;
  readonly uploadType: string;
  readonly taskId: string | null;
  readonly notes: string | null;
  readonly profileId: number | null;
  readonly createdAt: number;
  readonly files: readonly BatchFile[];
}

/** What is said of a batch by whoever makes it. */
export type BatchFacts = Omit<Batch, 'batchId' | 'createdAt' | 'files'>;

/** All batches of the data folder, their manifests in memory, their bytes on disk. */
export class Batches {
  readonly #dataDir: string;
  readonly #byId = new Map<string, Batch>();
  readonly #idByKey = new Map<string, string>();
  readonly #idBySession = new Map<string, string>();
  readonly #joins = new Set<Promise<void>>();
  /** Of each form that a file had: a new form leaves those of the old one to end. */
  readonly #downloads = new WeakMap<BatchFile, Set<Promise<void>>>();
  readonly #copies = new KeyedMutex();
  readonly #stop = new AbortController();

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Reads the manifests, and goes on joining what a stop interrupted. */
  async load(): Promise<void> {
    await makeFolder(this.#dir());
    for (const id of await readdir(this.#dir())) {
      const batch = (await readJson(this.#manifest(id))) as Batch | null;
      // A folder without a manifest is a batch that was never acknowledged.
      if (!batch) await rm(join(this.#dir(), id), { recursive: true, force: true });
      else this.#index(batch);
    }
    for (const batch of this.#byId.values()) this.#joinLater(batch);
  }

  /** Newest first. */
  list(ownerId: string): Batch[] {
    const own = [...this.#byId.values()].reverse().filter((batch) => batch.ownerId === ownerId);
    return own.sort((a, b) => b.createdAt - a.createdAt);
  }

  get(ownerId: string, batchId: string): Batch | undefined {
    const batch = this.#byId.get(batchId);
    return batch?.ownerId === ownerId ? batch : undefined;
  }

  byKey(ownerId: string, key: string): Batch | undefined {
    return this.#byId.get(this.#idByKey.get(JSON.stringify([ownerId, key])) ?? '');
  }

  /** Whoever it belongs to. */
  bySession(sessionId: string): Batch | undefined {
    return this.#byId.get(this.#idBySession.get(sessionId) ?? '');
  }

  /** Makes a batch of files that came in one request. */
  async addReceived(facts: BatchFacts, received: readonly ReceivedFile[]): Promise<Batch> {
    const batchId = newId();
    await makeFolder(join(this.#dir(), batchId));
    const files: BatchFile[] = [];
    for (const [n, { name, type, path, sizeBytes, sha256 }] of received.entries()) {
      const part = { path: join('batches', batchId, `file-${n}`), sizeBytes };
      await commitFile(path, join(this.#dataDir, part.path));
      files.push({ name, type, sizeBytes, sha256, parts: [part] });
    }
    return this.#commit({ ...facts, batchId, createdAt: Date.now(), files });
  }

  /** Makes a batch of one file over its chunk files; they are joined later. */
  async addChunked(facts: BatchFacts, file: Omit<BatchFile, 'sha256'>): Promise<Batch> {
    const batchId = newId();
    await makeFolder(join(this.#dir(), batchId));
    const batch = await this.#commit({ ...facts, batchId, createdAt: Date.now(), files: [{ ...file, sha256: null }] });
    this.#joinLater(batch);
    return batch;
  }

  /** The bytes `[start, end)` of a file, out of its parts. */
  read(file: BatchFile, start: number, end: number): Readable {
    const bytes = Readable.from(this.#chunks(file, start, end));
    const over = new Promise<void>((resolve) => bytes.once('close', resolve));
    const downloads = this.#downloads.get(file) ?? new Set();
    this.#downloads.set(file, downloads.add(over));
    void over.then(() => downloads.delete(over));
    return bytes;
  }

  /** Stops joining; the next start goes on with it. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.joined();
  }

  /** Waits until nothing is being joined. */
  async joined(): Promise<void> {
    await Promise.allSettled(this.#joins);
  }

  async *#chunks(file: BatchFile, start: number, end: number): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { path, sizeBytes } of file.parts) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, sizeBytes);
      if (from < to) yield* createReadStream(join(this.#dataDir, path), { start: from, end: to - 1 });
      offset += sizeBytes;
    }
  }

  async #commit(batch: Batch): Promise<Batch> {
    await writeJson(this.#manifest(batch.batchId), batch);
    this.#index(batch);
    return batch;
  }

  #index(batch: Batch): void {
    const { batchId, ownerId, key, sessionId } = batch;
    this.#byId.set(batchId, batch);
    if (key !== null) this.#idByKey.set(JSON.stringify([ownerId, key]), batchId);
    if (sessionId !== null) this.#idBySession.set(sessionId, batchId);
  }

  // Joining is a convenience for people who look into the folder: it may fail or never end, and nothing is lost.
  #joinLater(batch: Batch): void {
    if (batch.files.every(({ sha256 }) => sha256 !== null)) return;
    const join = this.#join(batch).catch(() => undefined);
    this.#joins.add(join);
    void join.then(() => this.#joins.delete(join));
  }

  async #join(batch: Batch): Promise<void> {
    const [file] = batch.files;
    if (!file) return;
    // One at a time: after a start there may be many, and uploads need the disk more.
    const joined = await this.#copies.run('copy', () => this.#copy(batch.batchId, file));
    await this.#commit({ ...batch, files: [joined] });
    // Downloads that began before still read the chunk files.
    await Promise.all(this.#downloads.get(file) ?? []);
    if (batch.sessionId) await this.#discardSession(batch.sessionId);
  }

  async #copy(batchId: string, file: BatchFile): Promise<BatchFile> {
    const path = join('batches', batchId, 'file-0');
    const temp = join(this.#dataDir, `${path}.tmp`);
    const hash = createHash('sha256');
    const bytes = Readable.from(this.#chunks(file, 0, file.sizeBytes)).on('data', (data: Buffer) => hash.update(data));
    try {
      await pipeline(bytes, createWriteStream(temp, { mode: 0o600 }), { signal: this.#stop.signal });
      await commitFile(temp, join(this.#dataDir, path));
    } catch (error) {
      // A full disk is no fuller for an attempt to join.
      await rm(temp, { force: true });
      throw error;
    }
    return { ...file, sha256: hash.digest('hex'), parts: [{ path, sizeBytes: file.sizeBytes }] };
  }

  async #discardSession(sessionId: string): Promise<void> {
    const gone = join(this.#dataDir, 'temp', newId());
    await rename(join(this.#dataDir, 'sessions', sessionId), gone);
    await rm(gone, { recursive: true, force: true });
  }

  #dir(): string {
    return join(this.#dataDir, 'batches');
  }

  #manifest(batchId: string): string {
    return join(this.#dir(), batchId, 'batch.json');
  }
}
