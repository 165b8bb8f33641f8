import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { KeyedMutex } from '../keyed-mutex.ts';
import type { Batch, BatchFile } from '../upload-store.ts';
import type { BatchFiles } from './batch-files.ts';
import type { FolderByteStore } from './folder-byte-store.ts';
import type { SessionFiles } from './session-files.ts';

/** The dependencies of a joiner. */
export interface JoinerDependencies {
  readonly bytes: FolderByteStore;
  readonly batchFiles: BatchFiles;
  readonly sessionFiles: SessionFiles;
  /** Called when the manifest of the joined batch is durable. */
  readonly onJoined: (batch: Batch) => void;
}

/**
 * Joins the chunk files of finished uploads in the background, so that the folder holds ordinary
 * files, and computes the digest. A failure loses nothing: the next start tries again.
 */
export class ChunkJoiner {
  readonly #dependencies: JoinerDependencies;
  readonly #joins = new Set<Promise<void>>();
  readonly #mutex = new KeyedMutex();
  readonly #stop = new AbortController();

  constructor(dependencies: JoinerDependencies) {
    this.#dependencies = dependencies;
  }

  schedule(batch: Batch): void {
    if (batch.files.every(({ sha256 }) => sha256 !== null)) return;
    const join = this.#join(batch).catch(() => undefined);
    this.#joins.add(join);
    void join.then(() => this.#joins.delete(join));
  }

  async whenIdle(): Promise<void> {
    await Promise.allSettled(this.#joins);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.whenIdle();
  }

  async #join(batch: Batch): Promise<void> {
    const { bytes, batchFiles, sessionFiles, onJoined } = this.#dependencies;
    const [file] = batch.files;
    if (!file) return;
    // One at a time: a start may find many, and uploads need the disk more.
    const joined = await this.#mutex.run('copy', () => this.#copy(batch.batchId, file));
    const changed = { ...batch, files: [joined] };
    await batchFiles.save(changed);
    onJoined(changed);
    // A download that has just found the previous parts registers as their reader first.
    await setImmediate();
    await bytes.waitForReaders(file.parts);
    if (batch.sessionId !== null) await sessionFiles.remove(batch.sessionId);
  }

  async #copy(batchId: string, file: BatchFile): Promise<BatchFile> {
    const { bytes, batchFiles } = this.#dependencies;
    const blob = batchFiles.toFileBlob(batchId, 0);
    const temp = `${blob}.tmp`;
    const hash = createHash('sha256');
    const source = bytes.read(file.parts, 0, file.sizeBytes).on('data', (data: Buffer) => hash.update(data));
    await bytes.write(temp, (target) => pipeline(source, target, { signal: this.#stop.signal }));
    await bytes.commit(temp);
    await bytes.place(temp, blob);
    return { ...file, sha256: hash.digest('hex'), parts: [{ blob, sizeBytes: file.sizeBytes }] };
  }
}
