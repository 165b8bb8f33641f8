import { createHash } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { BlobRef, Part } from '../byte-store.ts';
import { FileDigests, type FileList } from '../file-list.ts';
import { KeyedMutex } from '../keyed-mutex.ts';
import { type Batch, type BatchFile, isJoined } from '../upload-store.ts';
import { whenNoBackup } from './backup-marker.ts';
import type { BatchFiles } from './batch-files.ts';
import type { FolderByteStore } from './folder-byte-store.ts';
import type { SessionFiles } from './session-files.ts';

/** Whoever copies the folder puts a file of this name into it meanwhile. */
const BACKUP = 'backup';

/** The dependencies of a joiner. */
export interface JoinerDependencies {
  readonly bytes: FolderByteStore;
  readonly batchFiles: BatchFiles;
  readonly sessionFiles: SessionFiles;
  /** Called when the manifest of the joined batch is durable. */
  readonly onJoined: (batchId: string) => void;
  /** Called when the next start has to try again. */
  readonly onFailed: (batchId: string, error: unknown) => void;
}

/**
 * Joins the chunk files of finished uploads in the background, so that the folder holds ordinary
 * files, and computes the digests. A failure loses nothing: the next start tries again.
 */
export class ChunkJoiner {
  readonly #dependencies: JoinerDependencies;
  readonly #joins = new Set<Promise<void>>();
  readonly #mutex = new KeyedMutex();
  readonly #stop = new AbortController();

  constructor(dependencies: JoinerDependencies) {
    this.#dependencies = dependencies;
  }

  schedule(batchId: string): void {
    const join = this.#join(batchId).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#dependencies.onFailed(batchId, error);
    });
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

  async #join(batchId: string): Promise<void> {
    const { batchFiles, sessionFiles, onJoined } = this.#dependencies;
    // One at a time: a start may find many, and uploads need the disk more.
    const replaced = await this.#mutex.run('copy', () => this.#joinFile(batchId));
    if (!replaced) return;
    onJoined(batchId);
    const { files, fileList, sessionId } = replaced;
    const parts = files.flatMap((file) => file.parts);
    await batchFiles.waitForReaders(batchId, fileList ? [...parts, fileList] : parts);
    await this.#whenNoBackup();
    if (sessionId !== null) await sessionFiles.remove(sessionId);
  }

  /** @returns the batch before; null when there is nothing to join. */
  async #joinFile(batchId: string): Promise<Batch | null> {
    this.#stop.signal.throwIfAborted();
    const { batchFiles } = this.#dependencies;
    const batch = await batchFiles.read(batchId);
    const [file] = batch?.files ?? [];
    if (!batch || !file || isJoined(batch)) return null;
    const { fileList } = batch;
    const joined = await (fileList ? this.#joinListed(batch, file, fileList) : this.#joinOne(batch, file));
    await this.#whenNoBackup();
    await batchFiles.save(joined);
    return batch;
  }

  #whenNoBackup(): Promise<void> {
    return whenNoBackup(this.#dependencies.bytes.toPath(BACKUP), this.#stop.signal);
  }

  async #joinOne(batch: Batch, file: BatchFile): Promise<Batch> {
    const hash = createHash('sha256');
    const parts = await this.#copy(batch.batchId, file, hash);
    return { ...batch, files: [{ ...file, sha256: hash.digest('hex'), parts }] };
  }

  /** The listed files stay ranges of one file: many small ones would cost a sync each. */
  async #joinListed(batch: Batch, file: BatchFile, fileList: FileList): Promise<Batch> {
    const { bytes, batchFiles } = this.#dependencies;
    const digests = new FileDigests(await buffer(bytes.read([fileList], 0, fileList.sizeBytes)));
    const parts = await this.#copy(batch.batchId, file, digests);
    const blob = batchFiles.toListBlob(batch.batchId);
    await this.#write(blob, (target) => pipeline([digests.list], target));
    return { ...batch, files: [{ ...file, parts }], fileList: { ...fileList, blob, hasDigests: true } };
  }

  async #copy(batchId: string, file: BatchFile, hash: { update(data: Buffer): unknown }): Promise<readonly Part[]> {
    const { bytes, batchFiles } = this.#dependencies;
    const { parts, sizeBytes } = file;
    const blob = batchFiles.toFileBlob(batchId, 0);
    await bytes.requireSpace(sizeBytes);
    const source = bytes.read(parts, 0, sizeBytes).on('data', (data: Buffer) => hash.update(data));
    await this.#write(blob, (target) => pipeline(source, target, { signal: this.#stop.signal }));
    return [{ blob, sizeBytes }];
  }

  async #write(blob: BlobRef, fill: (file: WriteStream) => Promise<void>): Promise<void> {
    const { bytes } = this.#dependencies;
    const temp = `${blob}.tmp`;
    await bytes.write(temp, fill);
    await bytes.commit(temp);
    await bytes.place(temp, blob);
  }
}
