import { type ErrorCode, isAbortError, UploadError } from '../../src/shared/errors.ts';
import { hasFileList } from '../../src/shared/http/file-list.ts';
import type { BatchResponse, RemoteSession, Upload } from '../../src/shared/upload.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { CallOptions, KeptBytes, RemoteState, Sent } from '../ports/transport.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import {
  acknowledge,
  addLostReceipt,
  cleanUpCancelled,
  complete,
  resizeRest,
  setMayHaveCompleted,
  syncReceipts,
} from './bookkeeping.ts';
import { BundleSender } from './bundle-sender.ts';
import { findFileListPlan } from './file-list-plan.ts';
import type { FlightResult, Job, OnResponse, ResumeJob, SendJob } from './jobs.ts';
import { Loader } from './loader.ts';
import type { Pipeline, PipelineJob } from './pipeline.ts';
import { findBetterPlan, findBetterSize } from './planner.ts';
import { raceAbort } from './race-abort.ts';
import { Recovery, toUploadError } from './recovery.ts';

/** Failures that fewer requests in flight may avoid. */
const CONGESTION: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'stalled',
  'server_busy',
  'gateway_error',
  'internal_error',
]);

/** Most chunks that a query names as cut, for the length of its URL. */
const MAX_CUT_QUERIED = 200;

/** Makes one request of one or many pipelines and stores the results. */
export class Sender {
  readonly #deps: DriverDependencies;
  readonly #server: ServerConnection;
  readonly #loader: Loader;
  readonly #recovery: Recovery;
  readonly #bundles: BundleSender;

  constructor(deps: DriverDependencies, server: ServerConnection) {
    this.#deps = deps;
    this.#server = server;
    this.#loader = new Loader(deps.db, server);
    this.#recovery = new Recovery(deps, server);
    this.#bundles = new BundleSender(deps, server, this.#loader, this.#recovery);
  }

  /**
   * @param onResponse called as soon as the connection is free, before the slower database stores
   * the response.
   */
  async send(jobs: readonly PipelineJob[], signal: AbortSignal, onResponse: OnResponse): Promise<FlightResult> {
    const { credentials } = this.#server;
    const options = { accessToken: credentials.accessToken, signal };
    const [first, ...others] = jobs;
    try {
      if (others.length > 0) await this.#bundles.send(jobs, options, onResponse);
      else if (first) await this.#run(first, options, onResponse);
      return jobs.every(({ job }) => job.kind === 'send') ? 'acknowledged' : 'over';
    } catch (cause) {
      // The code that aborts a request handles the reason. Only an aborted signal proves it: a
      // database transaction may end with the same error.
      if (isAbortError(cause) && signal.aborted) return 'over';
      const error = toUploadError(cause);
      for (const { pipeline, job } of jobs) await this.#recovery.recover(pipeline, job, error, credentials);
      return CONGESTION.has(error.code) ? 'congested' : 'over';
    }
  }

  /** Ends the round of an upload whose server cannot be reached. */
  async postpone(pipeline: Pipeline, failure: UploadError): Promise<void> {
    await this.#recovery.postpone(pipeline, failure);
  }

  /** Loads the bytes of the next request ahead of time. */
  prefetch(pipeline: Pipeline, job: Job): void {
    this.#loader.prefetch(pipeline, job);
  }

  async #run({ pipeline, job }: PipelineJob, options: CallOptions, onResponse: OnResponse): Promise<void> {
    switch (job.kind) {
      case 'send':
        return this.#send(pipeline, job, options, onResponse);
      case 'query':
        return this.#query(pipeline, options);
      case 'resume':
        return this.#resume(pipeline, job, options);
      case 'abort':
        return this.#abort(pipeline, options);
    }
  }

  async #send(pipeline: Pipeline, job: SendJob, options: CallOptions, onResponse: OnResponse): Promise<void> {
    const request = await raceAbort(options.signal, this.#loader.load(pipeline, job));
    options.signal.throwIfAborted();
    // Stored before the request leaves, because the worker may die with the request in flight.
    const isUncertain = pipeline.couldComplete(job) && !this.#server.capabilities.resendIsSafe;
    if (isUncertain) await setMayHaveCompleted(this.#deps, pipeline, true);
    const sent = await raceAbort(options.signal, request(options));
    this.#server.link.onResponse();
    await this.#server.saveProfile();
    onResponse(sent.receivedMs);
    if (sent.result) await complete(this.#deps, pipeline, sent.result);
    else await this.#acknowledge(pipeline, job, sent);
  }

  async #acknowledge(pipeline: Pipeline, job: SendJob, sent: Sent): Promise<void> {
    const upload = await acknowledge(this.#deps, pipeline, job.chunk, sent);
    if (!upload) return;
    if (pipeline.isAcknowledged) {
      if (!this.#server.capabilities.canQuery) throw createNoBatchIdError();
      pipeline.needsSync = true;
    }
    // Without a measured rate a better plan would rest on a guess.
    if (this.#server.meter.measuredRate !== null) await this.#adaptSizes(pipeline, upload);
  }

  async #adaptSizes(pipeline: Pipeline, upload: Upload): Promise<void> {
    const { capabilities, planLimits } = this.#server;
    const { plan } = upload;
    if (plan?.way === 'chunks' && capabilities.canResize) {
      const bytes = pipeline.sentCount < pipeline.chunks.length ? findBetterSize(upload, plan, planLimits) : null;
      if (bytes !== null) await resizeRest(this.#deps, pipeline, bytes);
      return;
    }
    const better = plan && findBetterPlan(upload, plan, pipeline.acknowledgedBytes, planLimits);
    if (better) pipeline.stop({ kind: 'restart', plan: better, sessionLost: false });
  }

  async #query(pipeline: Pipeline, options: CallOptions): Promise<void> {
    const { session, mayHaveCompleted } = pipeline.upload;
    if (mayHaveCompleted && !(await this.#isResendSafe(options))) {
      const message = 'The connection was lost before the server confirmed the upload.';
      return pipeline.stop({ kind: 'wait', wait: { reason: 'unconfirmed', message } });
    }
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
    if (!session && pipeline.isDirect && this.#server.capabilities.resendIsSafe) {
      const batch = await this.#server.transport.findBatch(pipeline.upload, options);
      this.#server.link.onResponse();
      if (batch) return complete(this.#deps, pipeline, batch);
    }
    pipeline.needsSync = false;
    if (pipeline.isAcknowledged) throw createNoBatchIdError();
  }

  /** Asks what the server has of chunks whose requests were cut, while others are in flight. */
  async #resume(pipeline: Pipeline, { cut }: ResumeJob, options: CallOptions): Promise<void> {
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

  async #abort(pipeline: Pipeline, options: CallOptions): Promise<void> {
    const batch = await this.#abortRemote(pipeline, options);
    if (batch) return complete(this.#deps, pipeline, batch);
    await cleanUpCancelled(this.#deps, pipeline);
  }

  async #abortRemote({ upload }: Pipeline, options: CallOptions): Promise<BatchResponse | null> {
    // An upload without a plan has sent nothing, so the server knows nothing of it.
    if (upload.session === null && upload.plan === null) return null;
    await this.#server.discover(options.signal);
    return this.#server.transport.abort(upload, options);
  }

  /** Discovers an unknown server first. */
  async #isResendSafe({ signal }: CallOptions): Promise<boolean> {
    await this.#server.discover(signal);
    return this.#server.capabilities.resendIsSafe;
  }
}

function createNoBatchIdError(): UploadError {
  return new UploadError('no_batch_id', 'Upload completed but no Batch ID returned from server');
}
