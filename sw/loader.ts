import { checkReadable, getByteRange, getStagedFiles } from '../src/shared/bytes.ts';
import { Digester } from '../src/shared/digester.ts';
import { isAbortError, UploadError } from '../src/shared/errors.ts';
import type { UploadsDb } from '../src/shared/uploads-db.ts';
import type { Link } from './link.ts';
import type { Job, Pipeline, SendJob } from './pipeline.ts';
import type { Answer, Call } from './transport.ts';

/** A request with all its bytes at hand. */
type Loaded = (call: Call) => Promise<Answer>;

/** Reads, and digests, what requests carry: that of the next one ahead, so that no connection is idle for it. */
export class Loader {
  readonly #db: UploadsDb;
  readonly #link: Link;
  readonly #digester = new Digester();
  /** Of each upload one. */
  readonly #ahead = new WeakMap<Pipeline, { readonly key: string; readonly loaded: Promise<Loaded> }>();

  constructor(db: UploadsDb, link: Link) {
    this.#db = db;
    this.#link = link;
  }

  /** @throws UploadError `unreadable_file` when the browser has thrown staged bytes away; what it returns does so too. */
  load(pipeline: Pipeline, job: SendJob): Promise<Loaded> {
    const ahead = this.#aheadOf(pipeline, job);
    if (ahead) this.#ahead.delete(pipeline);
    return ahead?.loaded ?? this.#load(pipeline, job);
  }

  prepare(pipeline: Pipeline, job: Job): void {
    if (job.kind !== 'send' || this.#aheadOf(pipeline, job)) return;
    const ahead = { key: this.#keyOf(job), loaded: this.#load(pipeline, job) };
    this.#ahead.set(pipeline, ahead);
    // Whoever asks for it meets the failure itself.
    ahead.loaded.catch(() => {
      if (this.#ahead.get(pipeline) === ahead) this.#ahead.delete(pipeline);
    });
  }

  async #load(pipeline: Pipeline, { chunk }: SendJob): Promise<Loaded> {
    const { upload, chunks, isDirect } = pipeline;
    const { transport, checksDigests } = this.#link;
    // The record as it stands when the request leaves: a session may be opened meanwhile.
    if (isDirect) {
      const files = await getStagedFiles(this.#db, upload);
      return (call) => blaming(files, transport.direct(pipeline.upload, files, call));
    }
    const bytes = await getByteRange(this.#db, upload, chunk.start, chunk.end);
    const sha256 = checksDigests ? await blaming([bytes], this.#digester.sha256(bytes)) : null;
    const request = { chunk, chunksTotal: chunks.length, bytes, sha256 };
    return (call) => blaming([bytes], transport.chunk({ upload: pipeline.upload, ...request }, call));
  }

  #aheadOf(pipeline: Pipeline, job: SendJob) {
    const ahead = this.#ahead.get(pipeline);
    return ahead?.key === this.#keyOf(job) ? ahead : undefined;
  }

  /** Whether digests are wanted may be learned meanwhile. */
  #keyOf({ index }: SendJob): string {
    return `${index} ${this.#link.checksDigests}`;
  }
}

/** Has a failure be that of the bytes where these can no longer be read: a request without its body fails as the network does. */
async function blaming<T>(bytes: readonly Blob[], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const mayBeTheirs = error instanceof UploadError ? error.code === 'network' : !isAbortError(error);
    if (mayBeTheirs) await checkReadable(bytes);
    throw error;
  }
}
