import { UploadError } from '../../src/shared/errors.ts';
import { hasFileList } from '../../src/shared/http/file-list.ts';
import type { RemoteSession, Wait } from '../../src/shared/upload.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { CallOptions, KeptBytes, RemoteState } from '../ports/transport.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { addLostReceipt, complete, syncReceipts } from './bookkeeping.ts';
import { findFileListPlan } from './file-list-plan.ts';
import type { ResumeJob } from './jobs.ts';
import type { Loader } from './loader.ts';
import type { Pipeline } from './pipeline.ts';

/** Most chunks that a query names as cut, for the length of its URL. */
const MAX_CUT_QUERIED = 200;

const NO_BATCH_ID = 'Upload completed but no Batch ID returned from server';

/** Asks the server what it has of an upload, and stores the answer. */
export class SessionQueries {
  readonly #deps: DriverDependencies;
  readonly #server: ServerConnection;
  readonly #loader: Loader;

  constructor(deps: DriverDependencies, server: ServerConnection, loader: Loader) {
    this.#deps = deps;
    this.#server = server;
    this.#loader = loader;
  }

  /**
   * Replaces what is known of an upload by what the server has. Discovers an unknown server first.
   *
   * @throws UploadError `no_batch_id` if a server that knows the upload names no batch of all its
   *   chunks.
   */
  async sync(pipeline: Pipeline, options: CallOptions): Promise<void> {
    const { session, mayHaveCompleted } = pipeline.upload;
    if (mayHaveCompleted && !(await this.#isResendSafe(options))) return stopUnconfirmed(pipeline);
    if (hasFileList(pipeline.upload)) {
      const plan = await findFileListPlan(this.#server, pipeline.upload, options.signal);
      if (plan) return pipeline.stop({ kind: 'restart', plan, sessionLost: false });
    }
    if (session && this.#server.capabilities.canQuery) {
      const indices = pipeline.chunks.map(({ index }) => index);
      const remaining = indices.slice(0, pipeline.sentCount).filter((index) => !pipeline.hasAcknowledged(index));
      const cut = remaining.slice(0, MAX_CUT_QUERIED);
      const state = await this.#queryServer(pipeline, session, cut, options);
      if (state.result) return complete(this.#deps, pipeline, state.result);
      await syncReceipts(this.#deps, pipeline, state);
      await this.#recordKept(pipeline, indices, state);
    }
    const { resendIsSafe } = this.#server.capabilities;
    if (resendIsSafe && (pipeline.isAcknowledged || (!session && pipeline.isDirect))) {
      const batch = await this.#server.transport.findBatch(pipeline.upload, options);
      this.#server.link.onResponse();
      if (batch) return complete(this.#deps, pipeline, batch);
    }
    pipeline.needsSync = false;
    if (!pipeline.isAcknowledged) return;
    if (resendIsSafe) throw new UploadError('no_batch_id', NO_BATCH_ID);
    stopUnconfirmed(pipeline);
  }

  /** Asks what the server has of chunks whose requests were cut, while others are in flight. */
  async resume(pipeline: Pipeline, { cut }: ResumeJob, options: CallOptions): Promise<void> {
    const { session } = pipeline.upload;
    if (!session) return;
    const state = await this.#queryServer(pipeline, session, cut, options);
    if (state.result) return complete(this.#deps, pipeline, state.result);
    for (const index of cut) if (state.have.includes(index)) await addLostReceipt(this.#deps, pipeline, index);
    await this.#recordKept(pipeline, cut, state);
    if (pipeline.isAcknowledged) pipeline.needsSync = true;
  }

  async #queryServer(
    { chunks }: Pipeline,
    session: RemoteSession,
    cut: readonly number[],
    options: CallOptions,
  ): Promise<RemoteState> {
    const state = await this.#server.transport.query(session, chunks, cut, options);
    this.#server.link.onResponse();
    return state;
  }

  /** Compares what the server keeps with the bytes of the upload. */
  async #recordKept(pipeline: Pipeline, indices: readonly number[], { kept }: RemoteState): Promise<void> {
    const byIndex = new Map(kept.map((bytes) => [bytes.index, bytes]));
    for (const index of indices) {
      const bytes = byIndex.get(index);
      const isSame = bytes !== undefined && (await this.#isSame(pipeline, bytes));
      const hasGrown = pipeline.kept.record(index, isSame ? bytes : null, bytes !== undefined && !isSame);
      if (hasGrown) pipeline.attempts.forgive(index);
    }
  }

  async #isSame(pipeline: Pipeline, bytes: KeptBytes): Promise<boolean> {
    const chunk = pipeline.chunks[bytes.index];
    const isInside = chunk && bytes.start === chunk.start && bytes.end <= chunk.end && bytes.start < bytes.end;
    if (!isInside || pipeline.hasAcknowledged(chunk.index)) return false;
    return this.#loader.hasSameBytes(pipeline, bytes);
  }

  /** Discovers an unknown server first. */
  async #isResendSafe({ signal }: CallOptions): Promise<boolean> {
    await this.#server.discover(signal);
    return this.#server.capabilities.resendIsSafe;
  }
}

/** Only the user can decide whether to risk a second batch. */
function stopUnconfirmed(pipeline: Pipeline): void {
  const wait: Wait = pipeline.isAcknowledged
    ? { reason: 'unconfirmed', code: 'no_batch_id', message: NO_BATCH_ID }
    : { reason: 'unconfirmed', message: 'The connection was lost before the server confirmed the upload.' };
  pipeline.stop({ kind: 'wait', wait });
}
