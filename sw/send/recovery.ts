import { type ChunkPlan, halveChunks } from '../../src/shared/chunks.ts';
import type { Credentials } from '../../src/shared/db/settings.ts';
import { getErrorMessage, UploadError } from '../../src/shared/errors.ts';
import { hasFileList } from '../../src/shared/http/file-list.ts';
import type { Upload } from '../../src/shared/upload.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { cleanUpCancelled, setMayHaveCompleted } from './bookkeeping.ts';
import type { Job, PipelineOutcome } from './jobs.ts';
import type { Pipeline } from './pipeline.ts';
import { findChunkedPlan } from './planner.ts';
import { type Decision, decideRecovery, getBackoffMs, MAX_ATTEMPTS, type RetryContext } from './retry.ts';

/** Applies the decision of the retry policy to a failed request. */
export class Recovery {
  readonly #deps: DriverDependencies;
  readonly #server: ServerConnection;

  constructor(deps: DriverDependencies, server: ServerConnection) {
    this.#deps = deps;
    this.#server = server;
  }

  /** @param used the credentials of the failed request, which may have been renewed since. */
  async recover(pipeline: Pipeline, job: Job, error: UploadError, used: Credentials): Promise<void> {
    await this.#server.saveProfile();
    const context = this.#getRetryContext(pipeline, job);
    const decision = decideRecovery(error, context);
    if (decision.action !== 'unconfirmed' && job.kind === 'send')
      await setMayHaveCompleted(this.#deps, pipeline, false);
    if (error.code === 'unreadable_file') return stopForFile(pipeline);
    const isOffline = error.code === 'network' && !this.#deps.online();
    this.#recordLink(pipeline, job, error);
    if (isOffline && decision.action !== 'unconfirmed') return waitForNetwork(pipeline);
    if (error.code === 'network' && decision.action === 'retry') return this.#retry(pipeline, job, decision.delayMs);
    if (decision.action === 'sign-in') return this.#signIn(pipeline, job, error, used, context);
    return this.#apply(decision, pipeline, job, error);
  }

  /** Every failure without a response concerns the link, every response proves it. */
  #recordLink(pipeline: Pipeline, job: Job, error: UploadError): void {
    const { link, capabilities } = this.#server;
    link.onError(error);
    if (error.code !== 'network' && error.code !== 'stalled') return;
    if (job.kind === 'send' && !pipeline.isDirect && capabilities.keepsPartial) pipeline.kept.addCut(job.index);
  }

  async #signIn(pipeline: Pipeline, job: Job, error: UploadError, used: Credentials, context: RetryContext) {
    try {
      if (context.attempt < MAX_ATTEMPTS && (await this.#server.renewCredentials(used))) return;
    } catch (cause) {
      const renewalError = toUploadError(cause);
      if (!this.#deps.online()) return waitForNetwork(pipeline);
      if (renewalError.code === 'network_sign_in') this.#server.link.onError(renewalError);
      // The server refused the request, so it created no batch.
      const decision = decideRecovery(renewalError, { ...context, couldComplete: false });
      return this.#apply(decision, pipeline, job, renewalError);
    }
    // Standalone requests need no token, so the session still accepts the chunks that the receipts
    // lack.
    const acceptsChunks = this.#server.capabilities.standaloneRequests && pipeline.upload.session !== null;
    if (job.kind === 'query' && acceptsChunks && !pipeline.isAcknowledged) pipeline.needsSync = false;
    else await this.#apply({ action: 'sign-in' }, pipeline, job, error);
  }

  #getRetryContext(pipeline: Pipeline, job: Job): RetryContext {
    const { resendIsSafe, canQuery } = this.#server.capabilities;
    return {
      attempt: pipeline.attempts.count(job.index),
      isBundled: job.kind === 'send' && job.isBundled,
      couldComplete: pipeline.couldComplete(job),
      failures: pipeline.upload.failures,
      resendIsSafe,
      canQuery,
      hasSession: pipeline.upload.session !== null,
      hasProgress: pipeline.acknowledgedCount > 0,
      canShrink: job.kind === 'send' && halvePlan(pipeline.upload) !== null,
      restarted: pipeline.upload.restarted,
      random: this.#deps.clock.random(),
    };
  }

  async #apply(decision: Decision, pipeline: Pipeline, job: Job, error: UploadError): Promise<void> {
    // A session that the server refuses to abort ends when it expires.
    if (job.kind === 'abort' && !isTriedAgain(decision)) return cleanUpCancelled(this.#deps, pipeline);
    switch (decision.action) {
      case 'retry':
        return this.#delay(pipeline, job, decision.delayMs);
      case 'wait':
        return this.#backOff(decision.delayMs, pipeline, job.index, error);
      case 'query':
        pipeline.needsSync = true;
        return;
      case 'resume':
        // Without a session the server cannot be asked, so the whole chunk replaces what it keeps.
        if (pipeline.upload.session) pipeline.kept.addCut(job.index);
        else pipeline.kept.record(job.index, null, true);
        return;
      case 'send-alone':
        pipeline.sendsAlone = true;
        return;
      case 'sign-in':
        return pipeline.stop({ kind: 'wait', wait: { reason: 'sign-in' } });
      case 'unconfirmed':
        return this.#confirm(pipeline, error);
      case 'restart': {
        const { plan } = pipeline.upload;
        if (plan) pipeline.stop({ kind: 'restart', plan, sessionLost: true });
        return;
      }
      case 'shrink':
        return this.#shrink(pipeline, error);
      case 'fail':
        return pipeline.stop(toFailure(error));
    }
  }

  /** A link that often fails would never send a whole upload, of which nothing is kept. */
  #retry(pipeline: Pipeline, job: Job, delayMs: number): void {
    const plan = findChunkedPlan(pipeline.upload);
    if (plan) pipeline.stop({ kind: 'restart', plan, sessionLost: false });
    else this.#delay(pipeline, job, delayMs);
  }

  #delay(pipeline: Pipeline, job: Job, delayMs: number): void {
    pipeline.attempts.delay(job.index, this.#deps.clock.ticks() + delayMs);
  }

  /** Makes an upload wait for its next round, because the server cannot be reached. */
  async postpone(pipeline: Pipeline, failure: UploadError): Promise<void> {
    const delayMs = getBackoffMs(MAX_ATTEMPTS + pipeline.upload.failures, this.#deps.clock.random());
    await this.#backOff(delayMs, pipeline, pipeline.firstRemaining, failure);
  }

  async #backOff(delayMs: number, pipeline: Pipeline, index: number, error: UploadError): Promise<void> {
    if (pipeline.outcome) return;
    const { id, generation } = pipeline.upload;
    const nextAttemptAt = this.#deps.clock.now() + delayMs;
    pipeline.stop({ kind: 'wait', wait: { reason: 'backoff', nextAttemptAt, ...getWaitCause(error) } });
    await this.#deps.failedChunks.push({ uploadId: id, generation, index });
  }

  /** Queries an unknown server first, which may allow safe resends; otherwise asks the user. */
  #confirm(pipeline: Pipeline, error: UploadError): void {
    if (this.#server.isDiscovered) {
      pipeline.stop({ kind: 'wait', wait: { reason: 'unconfirmed', message: error.message } });
    } else {
      pipeline.needsSync = true;
    }
  }

  async #shrink(pipeline: Pipeline, error: UploadError): Promise<void> {
    const plan = halvePlan(pipeline.upload);
    if (!plan) return;
    if (error.code === 'too_large') await this.#server.rememberMaxChunkBytes(plan.chunkBytes);
    pipeline.stop({ kind: 'restart', plan, sessionLost: false });
  }
}

/**
 * Turns an unclassified failure, which comes from this code or the database, into one that is
 * retried.
 */
export function toUploadError(error: unknown): UploadError {
  return error instanceof UploadError
    ? error
    : new UploadError('internal_error', getErrorMessage(error), { cause: error });
}

/** Makes an upload wait until the user chooses its file again: the browser has lost its bytes. */
export function stopForFile(pipeline: Pipeline): void {
  pipeline.stop({ kind: 'wait', wait: { reason: 'file' } });
}

/** The facts of an error that a waiting upload keeps. */
export function getWaitCause({ code, serverCode = code, message }: UploadError): { code: string; message: string } {
  return { code: serverCode, message };
}

function waitForNetwork(pipeline: Pipeline): void {
  pipeline.stop({ kind: 'wait', wait: { reason: 'network' } });
}

function isTriedAgain({ action }: Decision): boolean {
  return action === 'retry' || action === 'wait' || action === 'sign-in';
}

function halvePlan(upload: Upload): ChunkPlan | null {
  const { plan, sizeBytes } = upload;
  return plan && (plan.way === 'chunks' || !hasFileList(upload)) ? halveChunks(plan, sizeBytes) : null;
}

function toFailure(error: UploadError): PipelineOutcome {
  return { kind: 'fail', code: error.serverCode ?? error.code, message: error.message };
}
