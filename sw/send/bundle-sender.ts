import { UploadError } from '../../src/shared/errors.ts';
import { checkReadable } from '../../src/shared/staging/staged-bytes.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { BundledUpload, CallOptions, SentBundle } from '../ports/transport.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { complete } from './bookkeeping.ts';
import type { OnResponse } from './jobs.ts';
import type { Loader } from './loader.ts';
import type { PipelineJob } from './pipeline.ts';
import { raceAbort } from './race-abort.ts';
import { type Recovery, stopForFile } from './recovery.ts';

/** A job whose bytes are ready. */
interface LoadedJob extends PipelineJob {
  readonly bundled: BundledUpload;
}

/** Sends whole uploads of one file each in one request, and stores the result of each. */
export class BundleSender {
  readonly #deps: DriverDependencies;
  readonly #server: ServerConnection;
  readonly #loader: Loader;
  readonly #recovery: Recovery;

  constructor(deps: DriverDependencies, server: ServerConnection, loader: Loader, recovery: Recovery) {
    this.#deps = deps;
    this.#server = server;
    this.#loader = loader;
    this.#recovery = recovery;
  }

  /** @throws UploadError if the request fails as a whole. */
  async send(jobs: readonly PipelineJob[], options: CallOptions, onResponse: OnResponse): Promise<void> {
    const { credentials, link } = this.#server;
    const loading = Promise.all(jobs.map((job) => this.#load(job)));
    const loaded = (await raceAbort(options.signal, loading)).flat();
    options.signal.throwIfAborted();
    if (loaded.length === 0) return;
    const { results, receivedMs } = await raceAbort(options.signal, this.#request(loaded, options));
    link.onResponse();
    await this.#server.saveProfile();
    onResponse(receivedMs);
    const settle = async ({ pipeline, job }: PipelineJob) => {
      const result = results.get(pipeline.upload.id) ?? createMissingResultError();
      if (!(result instanceof UploadError)) return complete(this.#deps, pipeline, result);
      // Its own result concerns this upload alone.
      const ownJob = job.kind === 'send' ? { ...job, isBundled: false } : job;
      await this.#recovery.recover(pipeline, ownJob, result, credentials);
    };
    await Promise.all(loaded.map(settle));
  }

  /** An upload whose bytes are lost leaves the bundle. */
  async #load({ pipeline, job }: PipelineJob): Promise<LoadedJob[]> {
    try {
      const uploads = await this.#loader.loadFiles(pipeline);
      return uploads.map((bundled) => ({ pipeline, job, bundled }));
    } catch (error) {
      if (!(error instanceof UploadError) || error.code !== 'unreadable_file') throw error;
      stopForFile(pipeline);
      return [];
    }
  }

  async #request(loaded: readonly LoadedJob[], options: CallOptions): Promise<SentBundle> {
    try {
      const uploads = loaded.map(({ bundled }) => bundled);
      return await this.#server.transport.sendBundle(uploads, options);
    } catch (error) {
      // fetch reports a body that can no longer be read as a network failure.
      const mayBeUnreadable = error instanceof UploadError && error.code === 'network';
      if (mayBeUnreadable) await Promise.all(loaded.map(stopIfUnreadable));
      throw error;
    }
  }
}

async function stopIfUnreadable({ pipeline, bundled }: LoadedJob): Promise<void> {
  await checkReadable([bundled.file]).catch(() => stopForFile(pipeline));
}

function createMissingResultError(): UploadError {
  return new UploadError('bad_response', 'The server named no result for this file. It is sent again.');
}
