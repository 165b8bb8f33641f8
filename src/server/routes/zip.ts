import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Batch } from '../store/upload-store.ts';
import { StreamCutter } from '../stream-cutter.ts';
import type { FileLists } from '../uploads/file-lists.ts';
import { createZip, type ZipFile } from '../zip/create-zip.ts';
import { ZipPaths } from '../zip/zip-paths.ts';
import { toContentDisposition } from './download.ts';

/** Streams a batch as a ZIP, whose files are stored as they are. */
export function sendZip(reply: FastifyReply, batch: Batch, fileLists: FileLists) {
  const [first] = batch.files;
  const name = batch.files.length === 1 && first ? first.name : batch.batchId;
  return reply
    .headers({
      'Content-Type': 'application/zip',
      'Content-Disposition': toContentDisposition(`${name}.zip`),
      'Cache-Control': 'private, no-store',
    })
    .send(createZip(toZipFiles(batch, fileLists)));
}

async function* toZipFiles(batch: Batch, fileLists: FileLists): AsyncGenerator<ZipFile> {
  const paths = new ZipPaths();
  // Opening many small files one by one would take longer than reading them.
  const whole = batch.fileList && (await fileLists.openAll(batch));
  const cutter = whole && new StreamCutter(whole);
  try {
    for await (const file of fileLists.readAll(batch)) {
      const { name, path, sizeBytes, modifiedAt } = file;
      yield {
        path: paths.add(path?.split('/') ?? [name]),
        sizeBytes,
        modifiedAt: new Date(modifiedAt ?? batch.createdAt),
        open: async () => (cutter ? Readable.from(cutter.take(sizeBytes)) : fileLists.open(batch, file, 0, sizeBytes)),
      };
    }
  } finally {
    whole?.destroy();
  }
}
