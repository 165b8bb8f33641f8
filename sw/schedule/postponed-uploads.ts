import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import type { UploadError } from '../../src/shared/errors.ts';
import { getReadyState, type Transition, withState } from '../../src/shared/upload.ts';
import type { Pipeline } from '../send/pipeline.ts';
import { getWaitCause } from '../send/recovery.ts';
import type { Reporter } from '../send/reporter.ts';
import type { Sender } from '../send/sender.ts';

/**
 * The uploads that wait because the link is down. Their records say when the next attempt follows
 * at the latest, for the case that the worker dies.
 */
export class PostponedUploads {
  readonly #db: UploadsDb;
  readonly #sender: Sender;
  readonly #reporter: Reporter;
  readonly #ids = new Set<string>();
  /** The code in the records. */
  #code: string | null = null;

  constructor(db: UploadsDb, sender: Sender, reporter: Reporter) {
    this.#db = db;
    this.#sender = sender;
    this.#reporter = reporter;
  }

  /** Makes uploads wait because of this failure, except those that have stopped. */
  async addAll(pipelines: readonly Pipeline[], failure: UploadError): Promise<void> {
    if (failure.code !== this.#code) await this.#explain(failure);
    for (const pipeline of pipelines) {
      if (pipeline.outcome) continue;
      this.#ids.add(pipeline.upload.id);
      await this.#sender.postpone(pipeline, failure);
    }
  }

  /** Ends the wait. */
  async requeueAll(onRequeued: (id: string) => void): Promise<void> {
    for (const id of this.#ids) {
      this.#ids.delete(id);
      await this.#db.update(id, requeue);
      onRequeued(id);
      await this.#reporter.announceChange(id);
    }
  }

  /** Tells the uploads that wait already if the outage has become another one. */
  async #explain(failure: UploadError): Promise<void> {
    this.#code = failure.code;
    for (const id of this.#ids) {
      await this.#db.update(id, (before) => {
        if (before.status !== 'waiting' || before.wait.reason !== 'backoff') return null;
        return withState(before, { status: 'waiting', wait: { ...before.wait, ...getWaitCause(failure) } });
      });
      await this.#reporter.announceChange(id);
    }
  }
}

const requeue: Transition = (before) =>
  before.status === 'waiting' && before.wait.reason === 'backoff' ? withState(before, getReadyState(before)) : null;
