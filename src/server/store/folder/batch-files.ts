import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { newId } from '../../ids.ts';
import type { Part } from '../byte-store.ts';
import type { Batch, BatchFile, NewBatch } from '../upload-store.ts';
import { makeFolder, sync, writeJson, writeNewJson } from './atomic-fs.ts';
import type { DamagedFiles } from './damaged-files.ts';
import type { FolderByteStore } from './folder-byte-store.ts';
import { manifestSchema, toManifest } from './manifest.ts';
import { SharedRun } from './shared-run.ts';
import { DamagedError, readStored } from './stored-json.ts';

const BATCHES = 'batches';
const MANIFEST = 'batch.json';
/** So many manifests are read at once at the start. */
const READS_AT_ONCE = 16;

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

  /** Reads all batches, in no order. Sets aside what is not a batch. */
  async readAll(onBatch: (batch: Batch) => void): Promise<void> {
    await makeFolder(this.#bytes.toPath(BATCHES));
    const ids = (await readdir(this.#bytes.toPath(BATCHES))).values();
    const readNext = async () => {
      for (const id of ids) {
        const batch = await this.#damaged.guard(toFolder(id), async () => {
          const found = await this.#read(id);
          if (!found) throw new DamagedError(`${MANIFEST} is missing`);
          return found;
        });
        if (batch) onBatch(batch);
      }
    };
    await Promise.all(Array.from({ length: READS_AT_ONCE }, readNext));
  }

  /** @returns null when there is no such batch, and when it is damaged. */
  read(batchId: string): Promise<Batch | null> {
    const read = this.#damaged.guard(toFolder(batchId), () => this.#read(batchId));
    this.#bytes.addReader(toManifestBlob(batchId), read);
    return read;
  }

  /**
   * Resolves when no further reader of these parts of a batch will come, whose manifest names
   * others now, and the present readers are closed.
   */
  async waitForReaders(batchId: string, parts: readonly Pick<Part, 'blob'>[]): Promise<void> {
    await this.#bytes.waitForReaders([{ blob: toManifestBlob(batchId) }]);
    // Whoever has just read the previous manifest registers as a reader of its parts first.
    await setImmediate();
    await this.#bytes.waitForReaders(parts);
  }

  /**
   * Stores a batch. Files that just arrived move into its folder.
   *
   * The folder is complete and durable before it gets its place: a batch that is found has its
   * bytes. Batches that are made at the same time share the sync of the folder above.
   */
  async create(batch: NewBatch, createdAt: number): Promise<Batch> {
    const batchId = newId();
    const temp = this.#bytes.newTemp();
    await mkdir(this.#bytes.toPath(temp), { mode: 0o700 });
    try {
      const files: BatchFile[] = [];
      for (const [n, file] of batch.files.entries()) files.push(await this.#moveFile(temp, batchId, n, file));
      const created = { ...batch, batchId, createdAt, files };
      await writeNewJson(this.#bytes.toPath(join(temp, MANIFEST)), toManifest(created));
      await sync(this.#bytes.toPath(temp));
      await rename(this.#bytes.toPath(temp), this.#bytes.toPath(toFolder(batchId)));
      await this.#syncBatches.run();
      return created;
    } catch (error) {
      await this.#bytes.removeFolder(temp);
      await this.#bytes.removeFolder(toFolder(batchId));
      throw error;
    }
  }

  /** Replaces the manifest. */
  async save(batch: Batch): Promise<void> {
    await writeJson(this.#toManifestPath(batch.batchId), toManifest(batch));
  }

  /** Removes a batch, durably. */
  async remove(batchId: string): Promise<void> {
    await this.#bytes.removeFolder(toFolder(batchId));
    await this.#syncBatches.run();
  }

  /** The blob for the joined bytes of a file. */
  toFileBlob(batchId: string, n: number): string {
    return join(toFolder(batchId), toFileName(n));
  }

  /** The blob for the list of a joined batch. */
  toListBlob(batchId: string): string {
    return join(toFolder(batchId), 'files');
  }

  /** @returns the file in its place once the folder has its own. */
  async #moveFile(folder: string, batchId: string, n: number, file: BatchFile): Promise<BatchFile> {
    const [part] = file.parts;
    if (!part || !this.#bytes.isReceived(part.blob)) return file;
    await rename(this.#bytes.toPath(part.blob), this.#bytes.toPath(join(folder, toFileName(n))));
    return { ...file, parts: [{ blob: this.toFileBlob(batchId, n), sizeBytes: part.sizeBytes }] };
  }

  async #read(id: string): Promise<Batch | null> {
    const batch = await readStored(this.#toManifestPath(id), manifestSchema);
    if (batch && batch.batchId !== id) throw new DamagedError(`${MANIFEST} names another batch`);
    return batch;
  }

  #toManifestPath(batchId: string): string {
    return this.#bytes.toPath(toManifestBlob(batchId));
  }
}

/** The path of a manifest, relative to the data folder. */
export function toManifestBlob(batchId: string): string {
  return join(toFolder(batchId), MANIFEST);
}

function toFolder(batchId: string): string {
  return join(BATCHES, batchId);
}

function toFileName(n: number): string {
  return `file-${n}`;
}
