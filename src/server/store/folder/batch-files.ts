import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../ids.ts';
import type { Part } from '../byte-store.ts';
import type { FileList } from '../file-list.ts';
import type { Batch, BatchFile, NewBatch } from '../upload-store.ts';
import { makeFolder, readJson, sync, writeJson, writeNewJson } from './atomic-fs.ts';
import type { FolderByteStore } from './folder-byte-store.ts';
import { type LegacyFields, readLegacyMetadata } from './legacy-metadata.ts';
import { SharedRun } from './shared-run.ts';

const BATCHES = 'batches';
const MANIFEST = 'batch.json';

/** A file of a batch as the manifest names it: its parts are paths relative to the data folder. */
export interface ManifestFile extends Omit<BatchFile, 'parts'> {
  readonly parts: readonly { readonly path: string; readonly sizeBytes: number }[];
}

/** The list of a batch as the manifest names it. */
type ManifestList = Omit<FileList, 'blob'> & { readonly path: string };

/** The content of `batch.json`. */
export interface Manifest extends Omit<Batch, 'files' | 'fileList'> {
  readonly files: readonly ManifestFile[];
  /** Missing in earlier versions. */
  readonly fileList?: ManifestList;
}

/** Finished uploads on disk: a folder each, with the manifest and the bytes. */
export class BatchFiles {
  readonly #bytes: FolderByteStore;
  readonly #syncBatches: SharedRun;

  constructor(bytes: FolderByteStore) {
    this.#bytes = bytes;
    this.#syncBatches = new SharedRun(() => sync(bytes.toPath(BATCHES)));
  }

  /** All batches, oldest first. */
  async readAll(): Promise<Batch[]> {
    await makeFolder(this.#bytes.toPath(BATCHES));
    const batches: Batch[] = [];
    for (const id of await readdir(this.#bytes.toPath(BATCHES))) {
      const manifest = (await readJson(this.#toManifestPath(id))) as (Manifest & LegacyFields) | null;
      // A batch without a manifest was never acknowledged.
      if (!manifest) await this.#bytes.removeFolder(join(BATCHES, id));
      else batches.push(parseManifest(manifest));
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

  #toManifestPath(batchId: string): string {
    return this.#bytes.toPath(join(BATCHES, batchId, MANIFEST));
  }
}

function toManifest({ fileList, ...batch }: Batch): Manifest {
  const files = batch.files.map(({ parts, ...file }) => ({
    ...file,
    parts: parts.map(({ blob, sizeBytes }) => ({ path: blob, sizeBytes })),
  }));
  return { ...batch, files, ...(fileList && { fileList: toManifestList(fileList) }) };
}

function toManifestList({ blob, ...list }: FileList): ManifestList {
  return { path: blob, ...list };
}

function parseList({ fileList }: Manifest): FileList | null {
  if (!fileList) return null;
  const { path, ...list } = fileList;
  return { blob: path, ...list };
}

function parseManifest(manifest: Manifest & LegacyFields): Batch {
  const { taskId, notes, profileId, metadata, files, fileList: _, ...facts } = manifest;
  const toPart = ({ path, sizeBytes }: { path: string; sizeBytes: number }): Part => ({ blob: path, sizeBytes });
  return {
    ...facts,
    metadata: metadata ?? readLegacyMetadata({ taskId, notes, profileId }),
    files: files.map(({ parts, ...file }) => ({ ...file, parts: parts.map(toPart) })),
    fileList: parseList(manifest),
  };
}

function toFileName(n: number): string {
  return `file-${n}`;
}
