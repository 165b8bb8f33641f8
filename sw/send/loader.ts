import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { isAbortError, UploadError } from '../../src/shared/errors.ts';
import { Digester } from '../../src/shared/staging/digester.ts';
import { checkReadable, getByteRange, getStagedFiles } from '../../src/shared/staging/staged-bytes.ts';
import type { CallOptions, Sent } from '../ports/transport.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import type { Job, Pipeline, SendJob } from './pipeline.ts';

/** A request with all its bytes at hand. */
type PreparedRequest = (call: CallOptions) => Promise<Sent>;

/** Reads, and digests, what requests carry: that of the next one ahead, so that no connection is idle for it. */
export class Loader {
  readonly #db: UploadsDb;
  readonly #server: ServerConnection;
  readonly #digester = new Digester();
  /** Of each upload one. */
  readonly #prefetched = new WeakMap<Pipeline, { readonly key: string; readonly loaded: Promise<PreparedRequest> }>();

  constructor(db: UploadsDb, link: ServerConnection) {
    this.#db = db;
    this.#server = link;
  }

  /** @throws UploadError `unreadable_file` when the browser has thrown staged bytes away; what it returns does so too. */
  load(pipeline: Pipeline, job: SendJob): Promise<PreparedRequest> {
    const ahead = this.#getPrefetched(pipeline, job);
    if (ahead) this.#prefetched.delete(pipeline);
    return ahead?.loaded ?? this.#load(pipeline, job);
  }

  prefetch(pipeline: Pipeline, job: Job): void {
    if (job.kind !== 'send' || this.#getPrefetched(pipeline, job)) return;
    const ahead = { key: this.#getKey(job), loaded: this.#load(pipeline, job) };
    this.#prefetched.set(pipeline, ahead);
    // Whoever asks for it meets the failure itself.
    ahead.loaded.catch(() => {
      if (this.#prefetched.get(pipeline) === ahead) this.#prefetched.delete(pipeline);
    });
  }

  async #load(pipeline: Pipeline, { chunk }: SendJob): Promise<PreparedRequest> {
    const { upload, chunks, isDirect } = pipeline;
    const { transport, usesDigests: checksDigests } = this.#server;
    // The record as it stands when the request leaves: a session may be opened meanwhile.
    if (isDirect) {
      const files = await getStagedFiles(this.#db, upload);
      return (call) => rethrowUnreadable(files, transport.sendWhole(pipeline.upload, files, call));
    }
    const bytes = await getByteRange(this.#db, upload, chunk.start, chunk.end);
    const sha256 = checksDigests ? await rethrowUnreadable([bytes], this.#digester.sha256(bytes)) : null;
    const request = { chunk, chunksTotal: chunks.length, bytes, sha256 };
    return (call) => rethrowUnreadable([bytes], transport.sendChunk({ upload: pipeline.upload, ...request }, call));
  }

  #getPrefetched(pipeline: Pipeline, job: SendJob) {
    const ahead = this.#prefetched.get(pipeline);
    return ahead?.key === this.#getKey(job) ? ahead : undefined;
  }

  /** Whether digests are wanted may be learned meanwhile. */
  #getKey({ index }: SendJob): string {
    return `${index} ${this.#server.usesDigests}`;
  }
}

/** Has a failure be that of the bytes where these can no longer be read: a request without its body fails as the network does. */
async function rethrowUnreadable<T>(bytes: readonly Blob[], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const mayBeTheirs = error instanceof UploadError ? error.code === 'network' : !isAbortError(error);
    if (mayBeTheirs) await checkReadable(bytes);
    throw error;
  }
}
