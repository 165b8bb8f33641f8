import { type ChunkPlan, halveChunks } from '../src/shared/chunks.ts';
import { type ErrorCode, getErrorMessage, isAbortError, UploadError } from '../src/shared/errors.ts';
import type { Receipt } from '../src/shared/schema.ts';
import type { Credentials } from '../src/shared/settings.ts';
import { type BatchResponse, isSendable, type Upload, withState } from '../src/shared/upload.ts';
import { acknowledged } from './acknowledged.ts';
import type { Link } from './link.ts';
import { Loader } from './loader.ts';
import type { Flight, Job, Pipeline } from './pipeline.ts';
import { betterPlan } from './planner.ts';
import type { FlightEnd } from './pool.ts';
import { ATTEMPTS, type Decision, decide } from './retry.ts';
import type { Answer, Call } from './transport.ts';
import type { World } from './world.ts';

/** Failures that fewer requests at a time may spare. */
const TROUBLE: ReadonlySet<ErrorCode> = new Set(['network', 'stalled', 'server_busy']);

/** Makes one request of a pipeline, books what its answer says, and does what the policy decides when it fails. */
export class Sender {
  readonly #world: World;
  readonly #link: Link;
  readonly #loader: Loader;

  constructor(world: World, link: Link) {
    this.#world = world;
    this.#link = link;
    this.#loader = new Loader(world.db, link);
  }

  /** @param answered called when its connection is free again, before the answer is booked: the database may take its time. */
  async run(pipeline: Pipeline, flight: Flight, answered: () => void): Promise<FlightEnd> {
    const token = this.#link.token;
    const call = { token: token.accessToken, signal: flight.controller.signal };
    try {
      await this.#request(pipeline, flight.job, call, answered);
      return flight.job.kind === 'send' ? 'acknowledged' : 'over';
    } catch (error) {
      // Abandoned on purpose: whoever aborted has said why. (A transaction of the database may end with the same error.)
      if (isAbortError(error) && flight.controller.signal.aborted) return 'over';
      const known = asUploadError(error);
      await this.#recover(pipeline, flight.job, known, token);
      return TROUBLE.has(known.code) ? 'troubled' : 'over';
    }
  }

  /** Does ahead what this request will need before it can leave. */
  prepare(pipeline: Pipeline, job: Job): void {
    this.#loader.prepare(pipeline, job);
  }

  async #request(pipeline: Pipeline, job: Job, call: Call, answered: () => void): Promise<void> {
    if (job.kind === 'discard') return this.#discard(pipeline, call);
    if (job.kind === 'ask') return this.#ask(pipeline, call);
    const loaded = await untilAborted(call.signal, this.#loader.load(pipeline, job));
    call.signal.throwIfAborted();
    // Before it leaves: a worker that dies with it has nobody else to tell the next one.
    if (isCompleting(pipeline, job) && !this.#link.exact) await this.#noteCompleting(pipeline, true);
    const answer = await untilAborted(call.signal, loaded(call));
    await this.#link.learn(answer.features);
    answered();
    if (answer.batch) await this.#complete(pipeline, answer.batch);
    else await this.#acknowledge(pipeline, job, answer);
  }

  async #acknowledge(pipeline: Pipeline, job: Job, answer: Answer): Promise<void> {
    const { id, generation } = pipeline.upload;
    const receipt = { uploadId: id, generation, index: job.index, sizeBytes: job.sizeBytes };
    const upload = await this.#world.db.addReceipt(receipt, (before) => acknowledged(before, answer));
    if (!upload) return;
    pipeline.upload = upload;
    pipeline.addDone(job.index);
    // Somebody stopped it meanwhile, and no hint has told of it yet.
    if (!isSendable(upload)) return pipeline.end({ kind: 'drop' });
    if (pipeline.allDone) {
      if (!this.#link.exact) throw noBatchId();
      pipeline.mustAsk = true;
    }
    // A guess at the link proves nothing against a plan.
    const plan = this.#link.meter.measuredRate === null ? null : upload.plan;
    const better = plan && betterPlan(upload, plan, pipeline.doneBytes, this.#link.terms);
    if (better) pipeline.end({ kind: 'restart', plan: better, again: false });
  }

  async #complete(pipeline: Pipeline, answer: BatchResponse): Promise<void> {
    const completedAt = this.#world.clock.now();
    await this.#world.db.updateAndDeleteBytes(pipeline.upload.id, (before) =>
      withState(before, { status: 'completed', batch: answer, completedAt }, { failures: 0 }),
    );
    pipeline.setDone(pipeline.chunks.map(({ index }) => index));
    pipeline.end({ kind: 'drop' });
  }

  async #ask(pipeline: Pipeline, call: Call): Promise<void> {
    const { id, generation, session, mayHaveCompleted: completing } = pipeline.upload;
    if (completing && !(await this.#knowsKeys(call))) {
      const message = 'Sending was interrupted before the server answered.';
      return pipeline.end({ kind: 'wait', wait: { reason: 'unconfirmed', message } });
    }
    if (!session) {
      pipeline.mustAsk = false;
      return;
    }
    const status = await this.#link.transport.status(session.id, call);
    if (status.batch) return this.#complete(pipeline, status.batch);
    const receipts: Receipt[] = pipeline.chunks
      .filter(({ index }) => status.received.some(([from, to]) => index >= from && index < to))
      .map(({ index, start, end }) => ({ uploadId: id, generation, index, sizeBytes: end - start }));
    await this.#world.db.replaceReceipts(id, generation, receipts);
    pipeline.setDone(receipts.map(({ index }) => index));
    pipeline.mustAsk = false;
    if (pipeline.allDone) throw noBatchId();
  }

  async #noteCompleting(pipeline: Pipeline, completing: boolean): Promise<void> {
    const { id, generation } = pipeline.upload;
    if (pipeline.upload.mayHaveCompleted === completing) return;
    await this.#world.db.update(id, (before) =>
      before.generation === generation ? { ...before, mayHaveCompleted: completing } : null,
    );
    pipeline.upload = { ...pipeline.upload, mayHaveCompleted: completing };
  }

  /** Whether what was sent may be sent again; a server that never answered is asked. */
  async #knowsKeys({ signal }: Call): Promise<boolean> {
    await this.#link.meet(signal);
    return this.#link.exact;
  }

  async #discard(pipeline: Pipeline, call: Call): Promise<void> {
    const batch = await this.#withdraw(pipeline.upload, call);
    if (batch) return this.#complete(pipeline, batch);
    await this.#free(pipeline);
  }

  /** Tells a server that keeps sessions; its batch where that was made before. */
  async #withdraw({ id, plan, session }: Upload, call: Call): Promise<BatchResponse | null> {
    // Of what was never cut nothing was sent.
    const mayBeKnown = session !== null || plan !== null;
    if (!mayBeKnown || !(await this.#knowsKeys(call))) return null;
    const { transport } = this.#link;
    return session ? transport.discard(session.id, call) : transport.batchOf(id, call);
  }

  async #free(pipeline: Pipeline): Promise<void> {
    await this.#world.db.updateAndDeleteBytes(pipeline.upload.id, (before) => ({
      ...before,
      session: null,
      stagedBytes: 0,
    }));
    pipeline.end({ kind: 'drop' });
  }

  async #recover(pipeline: Pipeline, job: Job, error: UploadError, used: Credentials): Promise<void> {
    const { status } = error.facts;
    const attempt = pipeline.countAttempt(job.index);
    const situation = this.#situation(pipeline, job, attempt);
    const decision = decide(error, situation);
    if (decision.do !== 'unconfirmed' && job.kind === 'send') await this.#noteCompleting(pipeline, false);
    if (error.code === 'unreadable_file') return pipeline.end({ kind: 'wait', wait: { reason: 'file' } });
    if ((status === 400 || status === 422) && (await this.#link.becomeStrict())) return;
    const isOffline = error.code === 'network' && !this.#world.online();
    if (isOffline && decision.do !== 'unconfirmed') return pipeline.end({ kind: 'wait', wait: { reason: 'network' } });
    if (decision.do !== 'sign-in') return this.#obey(decision, pipeline, job, error);
    try {
      if (attempt < ATTEMPTS && (await this.#link.renew(used))) return;
    } catch (cause) {
      const unasked = asUploadError(cause);
      if (!this.#world.online()) return pipeline.end({ kind: 'wait', wait: { reason: 'network' } });
      // The request itself was refused, so that it can have made no batch.
      return this.#obey(decide(unasked, { ...situation, completing: false }), pipeline, job, unasked);
    }
    // The ticket still opens the session for its chunks; what it has is known from the receipts.
    if (job.kind === 'ask' && pipeline.upload.session?.ticket && !pipeline.allDone) pipeline.mustAsk = false;
    else await this.#obey(decision, pipeline, job, error);
  }

  #situation(pipeline: Pipeline, job: Job, attempt: number) {
    return {
      attempt,
      completing: isCompleting(pipeline, job),
      failures: pipeline.upload.failures,
      exact: this.#link.exact,
      inSession: pipeline.upload.session !== null,
      begun: pipeline.doneCount > 0,
      shrinks: job.kind === 'send' && smallerPlan(pipeline.upload) !== null,
      restarted: pipeline.upload.restarted,
      random: this.#world.clock.random(),
    };
  }

  async #obey(decision: Decision, pipeline: Pipeline, job: Job, error: UploadError): Promise<void> {
    const { id, generation, plan } = pipeline.upload;
    // A session that the server does not give up when it is told to it gives up by itself, later.
    if (job.kind === 'discard' && !isWorthWaiting(decision)) return this.#free(pipeline);
    switch (decision.do) {
      case 'retry':
        return pipeline.delay(job.index, this.#world.clock.ticks() + decision.delayMs);
      case 'wait': {
        const nextAttemptAt = this.#world.clock.now() + decision.delayMs;
        pipeline.end({ kind: 'wait', wait: { reason: 'backoff', nextAttemptAt, message: error.message } });
        return this.#world.failedChunks.push({ uploadId: id, generation, index: job.index });
      }
      case 'ask':
        pipeline.mustAsk = true;
        return;
      case 'sign-in':
        return pipeline.end({ kind: 'wait', wait: { reason: 'sign-in' } });
      case 'unconfirmed':
        // Before the user is asked whether it may have arrived, a server that never answered is: it may know keys.
        if (this.#link.unknown) {
          pipeline.mustAsk = true;
          return;
        }
        return pipeline.end({ kind: 'wait', wait: { reason: 'unconfirmed', message: error.message } });
      case 'restart':
        if (plan) pipeline.end({ kind: 'restart', plan, again: true });
        return;
      case 'smaller': {
        const next = smallerPlan(pipeline.upload);
        if (next && error.code === 'too_large') await this.#link.learnMost(next.chunkBytes);
        if (next) pipeline.end({ kind: 'restart', plan: next, again: false });
        return;
      }
      case 'fail':
        return pipeline.end(failure(error));
    }
  }
}

/** Ends with the signal whatever does not hear of it: Chromium 156 may never end reading bytes that it has lost. */
function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

function isWorthWaiting(decision: Decision): boolean {
  return decision.do === 'retry' || decision.do === 'wait' || decision.do === 'sign-in';
}

function smallerPlan({ plan, files, sizeBytes }: Upload): ChunkPlan | null {
  return plan && files.length === 1 ? halveChunks(plan, sizeBytes) : null;
}

/** Whether a request could make the batch. */
function isCompleting({ isDirect, chunks }: Pipeline, job: Job): boolean {
  return job.kind === 'send' && (isDirect || job.index === chunks.length - 1);
}

function failure(error: UploadError) {
  return { kind: 'fail', code: error.facts.serverCode ?? error.code, message: error.message } as const;
}

function noBatchId(): UploadError {
  return new UploadError('no_batch_id', 'Upload completed but no Batch ID returned from server');
}

/** A failure nobody classified is our own or the database's: it is tried again like a busy server, and nothing is lost. */
function asUploadError(error: unknown): UploadError {
  return error instanceof UploadError
    ? error
    : new UploadError('server_busy', getErrorMessage(error), { cause: error });
}
