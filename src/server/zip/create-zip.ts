import { once } from 'node:events';
import { addAbortSignal, type PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import yazl from 'yazl';

/** One file of a ZIP. */
export interface ZipFile {
  /** Relative, with `/`, not used by another file. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  open(): Promise<Readable>;
}

/** Up to this size, the streams that a file passes through cost more than its bytes. */
const SMALL_BYTES = 64 * 1024;

/**
 * Creates a ZIP while it is read: no file is opened before the previous one was read. The files are
 * stored, not compressed. Destroying the stream ends the reads.
 */
export function createZip(files: AsyncIterable<ZipFile>): Readable {
  const zip = new yazl.ZipFile();
  // The types name only its readable half.
  const output = zip.outputStream as PassThrough;
  const closed = new AbortController();
  output.once('close', () => closed.abort());
  zip.once('error', (error: Error) => output.destroy(error));
  addFiles(zip, output, files, closed.signal).catch((error: Error) => output.destroy(error));
  return output;
}

async function addFiles(
  zip: yazl.ZipFile,
  output: PassThrough,
  files: AsyncIterable<ZipFile>,
  signal: AbortSignal,
): Promise<void> {
  for await (const file of files) {
    signal.throwIfAborted();
    await addFile(zip, file, signal);
    // The library pauses its source, which does not stop the next one.
    if (output.writableNeedDrain) await once(output, 'drain', { signal });
  }
  zip.end();
}

async function addFile(zip: yazl.ZipFile, file: ZipFile, signal: AbortSignal): Promise<void> {
  const { path, sizeBytes, modifiedAt: mtime } = file;
  const bytes = addAbortSignal(signal, await file.open());
  if (sizeBytes <= SMALL_BYTES) {
    const content = await buffer(bytes);
    if (content.length !== sizeBytes) throw new Error(`A file has ${content.length} bytes instead of ${sizeBytes}.`);
    zip.addBuffer(content, path, { compress: false, mtime });
    return;
  }
  zip.addReadStream(bytes, path, { compress: false, size: sizeBytes, mtime });
  // The signal destroys the stream, which ends this wait too.
  await finished(bytes);
}
