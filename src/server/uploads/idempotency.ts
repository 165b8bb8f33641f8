import { newId } from '../ids.ts';
import type { ReceivedBlob } from '../store/byte-store.ts';
import type { Storage } from '../store/storage.ts';
import type { Batch } from '../store/upload-store.ts';

/** The owner, key and session by which a request identifies an upload. */
export interface UploadIdentity {
  readonly ownerId: string;
  readonly key: string | null;
  readonly sessionId: string | null;
}

/** Makes every upload one batch, whatever is sent again or at the same time. */
export class Idempotency {
  readonly #storage: Pick<Storage, 'uploads' | 'bytes' | 'locks'>;

  constructor(storage: Pick<Storage, 'uploads' | 'bytes' | 'locks'>) {
    this.#storage = storage;
  }

  /**
   * Handles every upload, whole or chunked. Resolves with the batch of a finished upload. Otherwise
   * makes the received bytes durable, then runs `proceed` under the lock of the upload.
   */
  async once<T>(
    identity: UploadIdentity,
    received: readonly Pick<ReceivedBlob, 'blob'>[],
    toResult: (batch: Batch) => T,
    proceed: () => Promise<T>,
  ): Promise<T> {
    const finished = await this.findBatch(identity);
    if (finished) return toResult(finished);
    // Outside the lock: chunks of one upload are written at the same time.
    for (const { blob } of received) await this.#storage.bytes.commit(blob);
    return this.runLocked(identity, async () => {
      const batch = await this.findBatch(identity);
      return batch ? toResult(batch) : proceed();
    });
  }

  /** The batch of an upload, by its key or its session. */
  async findBatch({ ownerId, key, sessionId }: UploadIdentity): Promise<Batch | undefined> {
    const { uploads } = this.#storage;
    const byKey = key === null ? undefined : await uploads.findBatchByKey(ownerId, key);
    const batch = byKey ?? (sessionId === null ? undefined : await uploads.findBatchBySession(sessionId));
    return batch?.ownerId === ownerId ? batch : undefined;
  }

  /**
   * Runs work under the lock of an upload. An upload with a key has the lock of its key, however a
   * request names it.
   */
  async runLocked<T>({ ownerId, key, sessionId }: UploadIdentity, work: () => Promise<T>): Promise<T> {
    const { uploads, locks } = this.#storage;
    const session = sessionId === null ? undefined : await uploads.findSession(sessionId);
    const name = session
      ? toLockName(session.ownerId, session.key, session.id)
      : toLockName(ownerId, key, sessionId ?? newId());
    return locks.run(name, work);
  }
}

function toLockName(ownerId: string, key: string | null, sessionId: string): string {
  return JSON.stringify(key === null ? { sessionId } : { ownerId, key });
}
