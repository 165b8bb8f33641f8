import { type ChunkPlan, halveChunks } from '../../src/shared/chunks.ts';
import type { Receipt } from '../../src/shared/db/schema.ts';
import type { Credentials } from '../../src/shared/db/settings.ts';
import { type ErrorCode, getErrorMessage, isAbortError, UploadError } from '../../src/shared/errors.ts';
import { type BatchResponse, isSendable, type Upload, withState } from '../../src/shared/upload.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { CallOptions, Sent } from '../ports/transport.ts';
import type { FlightResult } from '../schedule/pool.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { applyAcknowledgement } from './acknowledgement.ts';
import { Loader } from './loader.ts';
import type { Flight, Job, Pipeline } from './pipeline.ts';
import { findBetterPlan } from './planner.ts';
import { type Decision, decideRecovery, MAX_ATTEMPTS } from './retry.ts';

/** Failures that fewer requests at a time may spare. */
const CONGESTION: ReadonlySet<ErrorCode> = new Set(['network', 'stalled', 'server_busy']);

/** Makes one request of a pipeline, books what its answer says, and does what the policy decides when it fails. */
export class Sender {
  readonly #deps: DriverDependencies;
  readonly #server: ServerConnection;
  readonly #loader: Loader;

  constructor(world: DriverDependencies, link: ServerConnection) {
    this.#deps = world;
    this.#server = link;
    this.#loader = new Loader(world.db, link);
  }

  /** @param answered called when its connection is free again, before the answer is booked: the database may take its time. */
  async send(pipeline: Pipeline, flight: Flight, answered: () => void): Promise<FlightResult> {
    const token = this.#server.credentials;
    const call = { accessToken: token.accessToken, signal: flight.controller.signal };
    try {
      await this.#request(pipeline, flight.job, call, answered);
      return flight.job.kind === 'send' ? 'acknowledged' : 'over';
    } catch (error) {
      // Abandoned on purpose: whoever aborted has said why. (A transaction of the database may end with the same error.)
      if (isAbortError(error) && flight.controller.signal.aborted) return 'over';
      const known = toUploadError(error);
      await this.#recover(pipeline, flight.job, known, token);
      return CONGESTION.has(known.code) ? 'troubled' : 'over';
    }
  }

  /** Does ahead what this request will need before it can leave. */
  prefetch(pipeline: Pipeline, job: Job): void {
    this.#loader.prefetch(pipeline, job);
  }

  async #request(pipeline: Pipeline, job: Job, call: CallOptions, answered: () => void): Promise<void> {
    if (job.kind === 'abort') return this.#abort(pipeline, call);
    if (job.kind === 'query') return this.#query(pipeline, call);
    const loaded = await raceAbort(call.signal, this.#loader.load(pipeline, job));
    call.signal.throwIfAborted();
    // Before it leaves: a worker that dies with it has nobody else to tell the next one.
    if (couldComplete(pipeline, job) && !this.#server.exact) await this.#setMayHaveCompleted(pipeline, true);
    const answer = await raceAbort(call.signal, loaded(call));
    await this.#server.updateFeatures(answer.features);
    answered();
    if (answer.result) await this.#complete(pipeline, answer.result);
    else await this.#acknowledge(pipeline, job, answer);
  }

  async #acknowledge(pipeline: Pipeline, job: Job, answer: Sent): Promise<void> {
    const { id, generation } = pipeline.upload;
    const receipt = { uploadId: id, generation, index: job.index, sizeBytes: job.sizeBytes };
    const upload = await this.#deps.db.addReceipt(receipt, (before) => applyAcknowledgement(before, answer));
    if (!upload) return;
    pipeline.upload = upload;
    pipeline.addAcknowledged(job.index);
    // Somebody stopped it meanwhile, and no hint has told of it yet.
    if (!isSendable(upload)) return pipeline.stop({ kind: 'drop' });
    if (pipeline.isAcknowledged) {
      if (!this.#server.exact) throw createNoBatchIdError();
      pipeline.needsSync = true;
    }
    // A guess at the link proves nothing against a plan.
    const plan = this.#server.meter.measuredRate === null ? null : upload.plan;
    const better = plan && findBetterPlan(upload, plan, pipeline.acknowledgedBytes, this.#server.planLimits);
    if (better) pipeline.stop({ kind: 'restart', plan: better, sessionLost: false });
  }

  async #complete(pipeline: Pipeline, answer: BatchResponse): Promise<void> {
    const completedAt = this.#deps.clock.now();
    await this.#deps.db.updateAndDeleteBytes(pipeline.upload.id, (before) =>
      withState(before, { status: 'completed', batch: answer, completedAt }, { failures: 0 }),
    );
    pipeline.setAcknowledged(pipeline.chunks.map(({ index }) => index));
    pipeline.stop({ kind: 'drop' });
  }

  async #query(pipeline: Pipeline, call: CallOptions): Promise<void> {
    const { id, generation, session, mayHaveCompleted: completing } = pipeline.upload;
    if (completing && !(await this.#isResendSafe(call))) {
      const message = 'Sending was interrupted before the server answered.';
      return pipeline.stop({ kind: 'wait', wait: { reason: 'unconfirmed', message } });
    }
    if (!session) {
      pipeline.needsSync = false;
      return;
    }
    const status = await this.#server.transport.query(session.id, call);
    if (status.result) return this.#complete(pipeline, status.result);
    const receipts: Receipt[] = pipeline.chunks
      .filter(({ index }) => status.received.some(([from, to]) => index >= from && index < to))
      .map(({ index, start, end }) => ({ uploadId: id, generation, index, sizeBytes: end - start }));
    await this.#deps.db.replaceReceipts(id, generation, receipts);
    pipeline.setAcknowledged(receipts.map(({ index }) => index));
    pipeline.needsSync = false;
    if (pipeline.isAcknowledged) throw createNoBatchIdError();
  }

  async #setMayHaveCompleted(pipeline: Pipeline, completing: boolean): Promise<void> {
    const { id, generation } = pipeline.upload;
    if (pipeline.upload.mayHaveCompleted === completing) return;
    await this.#deps.db.update(id, (before) =>
      before.generation === generation ? { ...before, mayHaveCompleted: completing } : null,
    );
    pipeline.upload = { ...pipeline.upload, mayHaveCompleted: completing };
  }

  /** Whether what was sent may be sent again; a server that never answered is asked. */
  async #isResendSafe({ signal }: CallOptions): Promise<boolean> {
    await this.#server.discover(signal);
    return this.#server.exact;
  }

  async #abort(pipeline: Pipeline, call: CallOptions): Promise<void> {
    const batch = await this.#abortRemote(pipeline.upload, call);
    if (batch) return this.#complete(pipeline, batch);
    await this.#freeBytes(pipeline);
  }

  /** Tells a server that keeps sessions; its batch where that was made before. */
  async #abortRemote({ id, plan, session }: Upload, call: CallOptions): Promise<BatchResponse | null> {
    // Of what was never cut nothing was sent.
    const mayBeKnown = session !== null || plan !== null;
    if (!mayBeKnown || !(await this.#isResendSafe(call))) return null;
    const { transport } = this.#server;
    return session ? transport.abort(session.id, call) : transport.findResult(id, call);
  }

  async #freeBytes(pipeline: Pipeline): Promise<void> {
    await this.#deps.db.updateAndDeleteBytes(pipeline.upload.id, (before) => ({
      ...before,
      session: null,
      stagedBytes: 0,
    }));
    pipeline.stop({ kind: 'drop' });
  }

  async #recover(pipeline: Pipeline, job: Job, error: UploadError, used: Credentials): Promise<void> {
    const { status } = error;
    const attempt = pipeline.countAttempt(job.index);
    const situation = this.#getRetryContext(pipeline, job, attempt);
    const decision = decideRecovery(error, situation);
    if (decision.action !== 'unconfirmed' && job.kind === 'send') await this.#setMayHaveCompleted(pipeline, false);
    if (error.code === 'unreadable_file') return pipeline.stop({ kind: 'wait', wait: { reason: 'file' } });
    if ((status === 400 || status === 422) && (await this.#server.rememberStrict())) return;
    const isOffline = error.code === 'network' && !this.#deps.online();
    if (isOffline && decision.action !== 'unconfirmed')
      return pipeline.stop({ kind: 'wait', wait: { reason: 'network' } });
    if (decision.action !== 'sign-in') return this.#apply(decision, pipeline, job, error);
    try {
      if (attempt < MAX_ATTEMPTS && (await this.#server.renewCredentials(used))) return;
    } catch (cause) {
      const unasked = toUploadError(cause);
      if (!this.#deps.online()) return pipeline.stop({ kind: 'wait', wait: { reason: 'network' } });
      // The request itself was refused, so that it can have made no batch.
      return this.#apply(decideRecovery(unasked, { ...situation, couldComplete: false }), pipeline, job, unasked);
    }
    // The ticket still opens the session for its chunks; what it has is known from the receipts.
    if (job.kind === 'query' && pipeline.upload.session?.ticket && !pipeline.isAcknowledged) pipeline.needsSync = false;
    else await this.#apply(decision, pipeline, job, error);
  }

  #getRetryContext(pipeline: Pipeline, job: Job, attempt: number) {
    return {
      attempt,
      couldComplete: couldComplete(pipeline, job),
      failures: pipeline.upload.failures,
      resendIsSafe: this.#server.exact,
      hasSession: pipeline.upload.session !== null,
      hasProgress: pipeline.acknowledgedCount > 0,
      canShrink: job.kind === 'send' && halvePlan(pipeline.upload) !== null,
      restarted: pipeline.upload.restarted,
      random: this.#deps.clock.random(),
    };
  }

  async #apply(decision: Decision, pipeline: Pipeline, job: Job, error: UploadError): Promise<void> {
    const { id, generation, plan } = pipeline.upload;
    // A session that the server does not give up when it is told to it gives up by itself, later.
    if (job.kind === 'abort' && !isRetried(decision)) return this.#freeBytes(pipeline);
    switch (decision.action) {
      case 'retry':
        return pipeline.delayUntil(job.index, this.#deps.clock.ticks() + decision.delayMs);
      case 'wait': {
        const nextAttemptAt = this.#deps.clock.now() + decision.delayMs;
        pipeline.stop({ kind: 'wait', wait: { reason: 'backoff', nextAttemptAt, message: error.message } });
        return this.#deps.failedChunks.push({ uploadId: id, generation, index: job.index });
      }
      case 'query':
        pipeline.needsSync = true;
        return;
      case 'sign-in':
        return pipeline.stop({ kind: 'wait', wait: { reason: 'sign-in' } });
      case 'unconfirmed':
        // Before the user is asked whether it may have arrived, a server that never answered is: it may know keys.
        if (this.#server.unknown) {
          pipeline.needsSync = true;
          return;
        }
        return pipeline.stop({ kind: 'wait', wait: { reason: 'unconfirmed', message: error.message } });
      case 'restart':
        if (plan) pipeline.stop({ kind: 'restart', plan, sessionLost: true });
        return;
      case 'smaller': {
        const next = halvePlan(pipeline.upload);
        if (next && error.code === 'too_large') await this.#server.rememberMaxChunkBytes(next.chunkBytes);
        if (next) pipeline.stop({ kind: 'restart', plan: next, sessionLost: false });
        return;
      }
      case 'fail':
        return pipeline.stop(toFailure(error));
    }
  }
}

/** Ends with the signal whatever does not hear of it: Chromium 156 may never end reading bytes that it has lost. */
function raceAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

function isRetried(decision: Decision): boolean {
  return decision.action === 'retry' || decision.action === 'wait' || decision.action === 'sign-in';
}

function halvePlan({ plan, files, sizeBytes }: Upload): ChunkPlan | null {
  return plan && files.length === 1 ? halveChunks(plan, sizeBytes) : null;
}

/** Whether a request could make the batch. */
function couldComplete({ isDirect, chunks }: Pipeline, job: Job): boolean {
  return job.kind === 'send' && (isDirect || job.index === chunks.length - 1);
}

function toFailure(error: UploadError) {
  return { kind: 'fail', code: error.serverCode ?? error.code, message: error.message } as const;
}

function createNoBatchIdError(): UploadError {
  return new UploadError('no_batch_id', 'Upload completed but no Batch ID returned from server');
}

/** A failure nobody classified is our own or the database's: it is tried again like a busy server, and nothing is lost. */
function toUploadError(error: unknown): UploadError {
  return error instanceof UploadError
    ? error
    : new UploadError('server_busy', getErrorMessage(error), { cause: error });
}
