// Simple clients of the reference server: no worker, no database, no resume.

/** The same for all clients. */
export interface SendOptions {
  /** Origin of the server. */
  readonly origin: string;
  readonly token: string;
  readonly chunkBytes: number;
}

/** Sends files. Resolves when the server has all of them. */
export type SendFiles = (files: readonly File[], options: SendOptions) => Promise<void>;

/** Sends one chunk after the other, one file after the other. */
export const serial: SendFiles = async (files, options) => {
  for (const file of files) {
    const uploadId = await sendChunk(file, 0, null, options);
    for (let index = 1; index < countChunks(file, options); index++) await sendChunk(file, index, uploadId, options);
  }
};

/**
 * The pool of the in-page uploader: chunk 0 alone, because its response carries the upload id, then
 * equal chunks, four at a time. Each chunk has three attempts.
 */
export const pool: SendFiles = async (files, options) => {
  for (const file of files) {
    const uploadId = await retry(() => sendChunk(file, 0, null, options));
    const rest = Array.from({ length: countChunks(file, options) - 1 }, (_, i) => i + 1);
    await runConcurrently(4, rest, (index) => retry(() => sendChunk(file, index, uploadId, options)));
  }
};

/** Sends each file in one request, six at a time, the number of connections of a browser. */
export const singleRequest: SendFiles = async (files, options) => {
  await runConcurrently(6, files, async (file) => {
    const form = new FormData();
    form.set('upload_type', 'file');
    form.set('file', file);
    await post('/api/batches/upload', form, options);
  });
};

function countChunks(file: File, { chunkBytes }: SendOptions): number {
  return Math.max(1, Math.ceil(file.size / chunkBytes));
}

async function sendChunk(file: File, index: number, uploadId: string | null, options: SendOptions): Promise<string> {
  const { chunkBytes } = options;
  const total = countChunks(file, options);
  const form = new FormData();
  form.set('chunk_index', String(index));
  form.set('total_chunks', String(total));
  form.set('filename', file.name);
  form.set('upload_type', 'file');
  form.set('is_final_chunk', String(index === total - 1));
  if (uploadId !== null) form.set('upload_id', uploadId);
  form.set('chunk', file.slice(index * chunkBytes, (index + 1) * chunkBytes), `${file.name}.part${index}`);
  return (await post('/api/batches/upload-chunk', form, options)).upload_id;
}

async function post(path: string, body: FormData, { origin, token }: SendOptions): Promise<{ upload_id: string }> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(origin + path, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}

/** The attempts of the in-page uploader, 2 s and 4 s apart. */
async function retry<T>(work: () => Promise<T>): Promise<T> {
  for (const delayMs of [2000, 4000]) {
    try {
      return await work();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
  return work();
}

/** Processes items, a number of them at a time. */
async function runConcurrently<T>(
  most: number,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const lane = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: most }, lane));
}
