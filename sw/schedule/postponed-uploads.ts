import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { getReadyState, type Transition, withState } from '../../src/shared/upload.ts';
import type { Pipeline } from '../send/pipeline.ts';
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

  constructor(db: UploadsDb, sender: Sender, reporter: Reporter) {
    this.#db = db;
    this.#sender = sender;
    this.#reporter = reporter;
  }

  /** Makes uploads wait, except those that have stopped. */
  async addAll(pipelines: readonly Pipeline[]): Promise<void> {
    for (const pipeline of pipelines) {
      if (pipeline.outcome) continue;
      this.#ids.add(pipeline.upload.id);
      await this.#sender.postpone(pipeline);
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
}

const requeue: Transition = (before) =>
  before.status === 'waiting' && before.wait.reason === 'backoff' ? withState(before, getReadyState(before)) : null;
