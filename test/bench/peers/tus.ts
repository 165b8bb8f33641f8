import { Upload, type UploadOptions } from 'tus-js-client';
import type { SendFiles } from '../clients/simple-clients.ts';

/** tus-js-client: four parts of a file in parallel, each in chunks. */
export const tusClient: SendFiles = (files, { origin, chunkBytes }) =>
  sendAll(files, (file) => tusOptions(file, origin, chunkBytes));

/**
 * The same with one request for each part, as its documentation advises without a request limit.
 */
export const tusUnchunked: SendFiles = (files, { origin }) =>
  sendAll(files, (file) => tusOptions(file, origin, Number.POSITIVE_INFINITY));

/** For flaky links: one PATCH for the whole file, continued where it was cut. */
export const tusOnePatch: SendFiles = (files, { origin }) => sendAll(files, () => resumableTusOptions(origin, 1));

/** For flaky links: four parts of a file in parallel, each in one PATCH. */
export const tusFourParts: SendFiles = (files, { origin }) => sendAll(files, () => resumableTusOptions(origin, 4));

/**
 * Options for flaky links. A creation that carries bytes would lose all of them with its response.
 * Short delays notice early that the link is up again: longer ones cost up to 1.5 s after each cut.
 */
export function resumableTusOptions(origin: string, parallelUploads: number) {
  const retryDelays = [0, 300, ...Array.from({ length: 100 }, () => 600)];
  return { endpoint: `${origin}/tus`, parallelUploads, retryDelays } satisfies UploadOptions;
}

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
async function sendAll(files: readonly File[], getOptions: (file: File) => UploadOptions): Promise<void> {
  const rest = files.values();
  const lane = async () => {
    for (const file of rest) await send(file, getOptions(file));
  };
  await Promise.all(Array.from({ length: 6 }, lane));
}

function send(file: File, options: UploadOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    new Upload(file, { ...options, onSuccess: () => resolve(), onError: reject }).start();
  });
}
