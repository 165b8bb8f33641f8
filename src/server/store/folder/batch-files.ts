import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../ids.ts';
import type { Batch, BatchFile, NewBatch } from '../upload-store.ts';
import { makeFolder, sync, writeJson, writeNewJson } from './atomic-fs.ts';
import type { DamagedFiles } from './damaged-files.ts';
import type { FolderByteStore } from './folder-byte-store.ts';
import { manifestSchema, toManifest } from './manifest.ts';
import { SharedRun } from './shared-run.ts';
import { DamagedError, readStored } from './stored-json.ts';

const BATCHES = 'batches';
const MANIFEST = 'batch.json';

/** Finished uploads on disk: a folder each, with the manifest and the bytes. */
export class BatchFiles {
  readonly #bytes: FolderByteStore;
  readonly #damaged: DamagedFiles;
  readonly #syncBatches: SharedRun;

  constructor(bytes: FolderByteStore, damaged: DamagedFiles) {
    this.#bytes = bytes;
    this.#damaged = damaged;
    this.#syncBatches = new SharedRun(() => sync(bytes.toPath(BATCHES)));
  }

  /** All batches, oldest first. Sets aside what is not a batch. */
  async readAll(): Promise<Batch[]> {
    await makeFolder(this.#bytes.toPath(BATCHES));
    const batches: Batch[] = [];
    for (const id of await readdir(this.#bytes.toPath(BATCHES))) {
      const batch = await this.#damaged.guard(join(BATCHES, id), () => this.#read(id));
      if (batch) batches.push(batch);
    }
    return batches.sort((a, b) => a.createdAt - b.createdAt);
  }

  /**
   * Stores a batch. Files that just arrived move into its folder.
   *
   * The folder is complete and durable before it gets its place: a batch that is found has its
   * bytes. Batches that are made at the same time share the sync of the folder above.
   */
  async create(batch: NewBatch): Promise<Batch> {
    const batchId = newId();
    const temp = this.#bytes.newTemp();
    await mkdir(this.#bytes.toPath(temp), { mode: 0o700 });
    try {
      const files: BatchFile[] = [];
      for (const [n, file] of batch.files.entries()) files.push(await this.#moveFile(temp, batchId, n, file));
      const created = { ...batch, batchId, createdAt: Date.now(), files };
      await writeNewJson(this.#bytes.toPath(join(temp, MANIFEST)), toManifest(created));
      await sync(this.#bytes.toPath(temp));
      await rename(this.#bytes.toPath(temp), this.#bytes.toPath(join(BATCHES, batchId)));
      await this.#syncBatches.run();
      return created;
    } catch (error) {
      await this.#bytes.removeFolder(temp);
      await this.#bytes.removeFolder(join(BATCHES, batchId));
      throw error;
    }
  }

  /** Replaces the manifest. */
  async save(batch: Batch): Promise<void> {
    await writeJson(this.#toManifestPath(batch.batchId), toManifest(batch));
  }

  /** The blob for the joined bytes of a file. */
  toFileBlob(batchId: string, n: number): string {
    return join(BATCHES, batchId, toFileName(n));
  }

  /** The blob for the list of a joined batch. */
  toListBlob(batchId: string): string {
    return join(BATCHES, batchId, 'files');
  }

  /** @returns the file in its place once the folder has its own. */
  async #moveFile(folder: string, batchId: string, n: number, file: BatchFile): Promise<BatchFile> {
    const [part] = file.parts;
    if (!part || !this.#bytes.isReceived(part.blob)) return file;
    await rename(this.#bytes.toPath(part.blob), this.#bytes.toPath(join(folder, toFileName(n))));
    return { ...file, parts: [{ blob: this.toFileBlob(batchId, n), sizeBytes: part.sizeBytes }] };
  }

  async #read(id: string): Promise<Batch> {
    const batch = await readStored(this.#toManifestPath(id), manifestSchema);
    if (!batch) throw new DamagedError(`${MANIFEST} is missing`);
    if (batch.batchId !== id) throw new DamagedError(`${MANIFEST} names another batch`);
    return batch;
  }

  #toManifestPath(batchId: string): string {
    return this.#bytes.toPath(join(BATCHES, batchId, MANIFEST));
  }
}

function toFileName(n: number): string {
  return `file-${n}`;
}
