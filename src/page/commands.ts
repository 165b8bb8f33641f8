import { getBackgroundFetchId } from '../shared/background-fetch.ts';
import {
  type BatchResponse,
  isFinished,
  isStaged,
  needsWorker,
  type Transition,
  type Upload,
} from '../shared/upload.ts';
import type { ClientCore } from './client-core.ts';
import { cancelTransition, createOutcomeError } from './queue/transitions.ts';
import { waitForUpload } from './queue/wait-for-upload.ts';

/** Applies a transition that ends sending, with one read of the record. */
export async function stopUpload(core: ClientCore, id: string, transition: Transition): Promise<void> {
  const isFetched = (upload: Upload) => getBackgroundFetchId(upload) !== null;
  let upload = await core.db.update(id, (before) => (isFetched(before) ? null : transition(before)));
  if (upload && isFetched(upload)) {
    // A Background Fetch cannot leave one upload out, so the worker gets back all of its uploads.
    await core.backgroundFetch.abort(id);
    upload = await core.db.update(id, transition);
  }
  await core.announce(id, upload);
}

/**
 * Applies a transition that continues an upload. If its staging was interrupted, it waits for its
 * file.
 */
export async function requeueUpload(core: ClientCore, id: string, transition: Transition): Promise<void> {
  let upload = await core.db.update(id, transition);
  if (upload && !isStaged(upload)) upload = await core.staging.markIfInterrupted(id);
  await core.announce(id, upload);
}

/** Cancels an unfinished upload, waits until the worker has aborted its session, and removes it. */
export async function removeUpload(core: ClientCore, id: string): Promise<void> {
  const before = await core.db.get(id);
  if (before && !isFinished(before)) {
    await stopUpload(core, id, cancelTransition);
    // The worker aborts only sessions of the signed-in user.
    if (before.ownerId === core.account.userId) {
      await waitForUpload(core.store, before, (upload) => !upload || (isFinished(upload) && !needsWorker(upload)));
    }
  }
  await core.db.remove(id);
  await core.announce(id, undefined);
}

/** Waits until an upload is finished. See `UploadClient.whenCompleted`. */
export async function waitForCompletion({ bridge, db, store }: ClientCore, id: string): Promise<BatchResponse> {
  const queued = await db.get(id);
  if (!queued) throw createOutcomeError(undefined);
  const upload = await Promise.race([
    waitForUpload(store, queued, (candidate) => !candidate || isFinished(candidate)),
    // Settles only if there is no worker.
    bridge.ready.then(() => new Promise<never>(() => undefined)),
  ]);
  if (upload?.status === 'completed') return upload.batch;
  throw createOutcomeError(upload);
}
