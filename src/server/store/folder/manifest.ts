import * as v from 'valibot';
import type { Part } from '../byte-store.ts';
import type { FileList } from '../file-list.ts';
import type { Batch, BatchFile } from '../upload-store.ts';
import { legacyEntries, readLegacyMetadata } from './legacy-metadata.ts';
import { VERSION, versionEntry } from './stored-json.ts';

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A path relative to the data folder. */
const path = v.pipe(
  v.string(),
  v.check((value) => /^(batches|sessions)[/\\]/.test(value) && !/(^|[/\\])\.\.([/\\]|$)/.test(value)),
);
const file = v.object({
  name: v.string(),
  type: v.string(),
  sizeBytes: size,
  sha256: v.nullable(v.string()),
  parts: v.array(v.object({ path, sizeBytes: size })),
});
const list = v.object({ path, sizeBytes: size, fileCount: size, hasDigests: v.boolean() });

/** The content of `batch.json`. */
const content = v.object({
  ...versionEntry,
  ...legacyEntries,
  batchId: v.string(),
  ownerId: v.string(),
  key: v.nullable(v.string()),
  sessionId: v.nullable(v.string()),
  generation: size,
  totalChunks: size,
  uploadType: v.string(),
  createdAt: size,
  /** Missing in earlier versions. */
  metadata: v.optional(v.record(v.string(), v.string())),
  files: v.array(file),
  /** Missing in earlier versions, and for a batch without a list. */
  fileList: v.optional(list),
});

export const manifestSchema = v.pipe(content, v.transform(parseManifest));

/** A file as the manifest names it. */
export type ManifestFile = v.InferOutput<typeof file>;
type ManifestList = v.InferOutput<typeof list>;
/** A batch as its manifest names it. */
export type Manifest = v.InferOutput<typeof content>;

export function toManifest({ fileList, ...batch }: Batch): Manifest {
  const { files, metadata, ...facts } = batch;
  return {
    version: VERSION,
    ...facts,
    metadata: { ...metadata },
    files: files.map(toManifestFile),
    ...(fileList && { fileList: toManifestList(fileList) }),
  };
}

function toManifestFile({ parts, ...facts }: BatchFile): ManifestFile {
  return { ...facts, parts: parts.map(({ blob, sizeBytes }) => ({ path: blob, sizeBytes })) };
}

function toManifestList({ blob, ...facts }: FileList): ManifestList {
  return { path: blob, ...facts };
}

function parseManifest(manifest: Manifest): Batch {
  const { version: _, taskId, notes, profileId, metadata, files, fileList, ...facts } = manifest;
  return {
    ...facts,
    metadata: metadata ?? readLegacyMetadata({ taskId, notes, profileId }),
    files: files.map(({ parts, ...facts }) => ({ ...facts, parts: parts.map(toPart) })),
    fileList: fileList ? toFileList(fileList) : null,
  };
}

function toPart({ path: blob, sizeBytes }: { readonly path: string; readonly sizeBytes: number }): Part {
  return { blob, sizeBytes };
}

function toFileList({ path: blob, ...facts }: ManifestList): FileList {
  return { blob, ...facts };
}
