import { Upload, type UploadOptions } from 'tus-js-client';
import type { SendFiles } from '../clients/simple-clients.ts';

/** tus-js-client: four parts of a file in parallel, each in chunks. */
export const tusClient: SendFiles = (files, { origin, chunkBytes }) => sendAll(files, origin, chunkBytes);

/**
 * The same with one request for each part, as its documentation advises without a request limit.
 */
export const tusUnchunked: SendFiles = (files, { origin }) => sendAll(files, origin, Number.POSITIVE_INFINITY);

/** Options of both tus clients. A file that fits one chunk is not split. */
export function tusOptions(file: Blob, origin: string, chunkBytes: number) {
  const parallelUploads = file.size > Math.min(chunkBytes, 5 * 1024 * 1024) ? 4 : 1;
  return {
    endpoint: `${origin}/tus`,
    chunkSize: chunkBytes,
    parallelUploads,
    uploadDataDuringCreation: true,
    retryDelays: [],
  } satisfies UploadOptions;
}

/** The client has no queue: it sends as many files at once as a browser has connections. */
async function sendAll(files: readonly File[], origin: string, chunkBytes: number): Promise<void> {
  const rest = files.values();
  const lane = async () => {
    for (const file of rest) await send(file, tusOptions(file, origin, chunkBytes));
  };
  await Promise.all(Array.from({ length: 6 }, lane));
}

function send(file: File, options: UploadOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    new Upload(file, { ...options, onSuccess: () => resolve(), onError: reject }).start();
  });
}
