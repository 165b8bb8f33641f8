import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { isAbortError, UploadError } from '../../src/shared/errors.ts';
import { readFileList } from '../../src/shared/http/file-list.ts';
import { Digester } from '../../src/shared/staging/digester.ts';
import { checkReadable, getByteRange, getStagedFiles } from '../../src/shared/staging/staged-bytes.ts';
import type { BundledUpload, CallOptions, KeptBytes, Sent } from '../ports/transport.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import type { Job, SendJob } from './jobs.ts';
import type { Pipeline } from './pipeline.ts';

/** A request whose bytes and digest are ready. */
type PreparedRequest = (options: CallOptions) => Promise<Sent>;

interface Prefetched {
  readonly key: string;
  readonly request: Promise<PreparedRequest>;
}

/**
 * Reads and digests the bytes of requests, for the next one ahead of time, so that no connection
 * waits for them.
 */
export class Loader {
  readonly #db: UploadsDb;
  readonly #server: ServerConnection;
  readonly #digester = new Digester();
  /** At most one request per upload. */
  readonly #prefetched = new WeakMap<Pipeline, Prefetched>();

  constructor(db: UploadsDb, server: ServerConnection) {
    this.#db = db;
    this.#server = server;
  }

  /**
   * @throws UploadError `unreadable_file`, also from the request, if the browser has lost staged
   * bytes.
   */
  load(pipeline: Pipeline, job: SendJob): Promise<PreparedRequest> {
    const prefetched = this.#getPrefetched(pipeline, job);
    if (prefetched) this.#prefetched.delete(pipeline);
    return prefetched?.request ?? this.#load(pipeline, job);
  }

  prefetch(pipeline: Pipeline, job: Job): void {
    if (job.kind !== 'send' || this.#getPrefetched(pipeline, job)) return;
    const prefetched = { key: this.#getKey(job), request: this.#load(pipeline, job) };
    this.#prefetched.set(pipeline, prefetched);
    // `load` returns the same promise and handles its rejection; after a failure the bytes are read
    // again.
    prefetched.request.catch(() => {
      if (this.#prefetched.get(pipeline) === prefetched) this.#prefetched.delete(pipeline);
    });
  }

  async #load(pipeline: Pipeline, { chunk, kept, replacesKept }: SendJob): Promise<PreparedRequest> {
    const { upload, isDirect } = pipeline;
    const { transport } = this.#server;
    // Each request takes the record as it is when the request leaves: a session may have been
    // opened meanwhile.
    if (isDirect) {
      const files = await getStagedFiles(this.#db, upload);
      return (options) => rethrowUnreadable(files, transport.sendWhole(pipeline.upload, files, options));
    }
    const bytes = await getByteRange(this.#db, upload, kept?.end ?? chunk.start, chunk.end);
    const sha256 = await this.#digest(bytes);
    const fileList = await readFileList(this.#db, upload, chunk);
    const request = { chunk, bytes, sha256, fileList, continues: replacesKept ? null : (kept?.sha256 ?? '') };
    return (options) => {
      const { upload, chunks } = pipeline;
      return rethrowUnreadable(
        [bytes],
        transport.sendChunk({ upload, chunksTotal: chunks.length, ...request }, options),
      );
    };
  }

  /**
   * Reads and digests the file of a whole upload, for a bundle.
   *
   * @throws UploadError `unreadable_file` if the browser has lost staged bytes.
   */
  async loadFiles({ upload }: Pipeline): Promise<BundledUpload[]> {
    const files = await getStagedFiles(this.#db, upload);
    return Promise.all(files.map(async (file) => ({ upload, file, sha256: await this.#digest(file) })));
  }

  /** Whether the server kept these bytes as they are in the upload. */
  async hasSameBytes({ upload }: Pipeline, { start, end, sha256 }: KeptBytes): Promise<boolean> {
    const bytes = await getByteRange(this.#db, upload, start, end);
    return (await rethrowUnreadable([bytes], this.#digester.sha256(bytes))) === sha256.toLowerCase();
  }

  /** Null if the server does not verify digests. */
  async #digest(bytes: Blob): Promise<string | null> {
    return this.#server.usesDigests ? rethrowUnreadable([bytes], this.#digester.sha256(bytes)) : null;
  }

  #getPrefetched(pipeline: Pipeline, job: SendJob): Prefetched | undefined {
    const prefetched = this.#prefetched.get(pipeline);
    return prefetched?.key === this.#getKey(job) ? prefetched : undefined;
  }

  /** Depends on the digests too, because the server may list their feature meanwhile. */
  #getKey({ index, chunk, sizeBytes, replacesKept }: SendJob): string {
    return `${index} ${chunk.end} ${sizeBytes} ${replacesKept} ${this.#server.usesDigests}`;
  }
}

/**
 * Rethrows a network failure as `unreadable_file` if the body can no longer be read: fetch reports
 * both alike.
 */
async function rethrowUnreadable<T>(bytes: readonly Blob[], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const mayBeUnreadable = error instanceof UploadError ? error.code === 'network' : !isAbortError(error);
    if (mayBeUnreadable) await checkReadable(bytes);
    throw error;
  }
}
