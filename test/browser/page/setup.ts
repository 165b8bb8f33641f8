import { createUploadClient } from '../../../src/page/index.ts';
import { UploadsDb } from '../../../src/shared/db/uploads-db.ts';
import type { Notice } from '../../../src/shared/messages.ts';
import { PIECE_BYTES } from '../../../src/shared/staging/pieces.ts';
import { type Upload, withState } from '../../../src/shared/upload.ts';

/** Opens a client with an idle worker: the tests act as the worker. */
export function openTestClient() {
  return createUploadClient({ workerUrl: '/test/browser/page/idle-sw.js' });
}

/** Opens a client for a user of its own. */
export async function openSignedInClient(userId: string = crypto.randomUUID()) {
  const client = await openTestClient();
  await client.setCredentials({ userId, accessToken: 'a token' });
  return { client, userId };
}

/** A file of random bytes. */
export function createFile(sizeBytes: number, name = 'a.bin'): File {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let left = sizeBytes; left > 0; left -= 65_536) {
    parts.push(crypto.getRandomValues(new Uint8Array(Math.min(left, 65_536))));
  }
  return new File(parts, name, { type: 'application/octet-stream', lastModified: 0 });
}

/** A file of two full pieces and three bytes. */
export const createThreePieceFile = () => createFile(2 * PIECE_BYTES + 3);

/** Delivers a notice as the worker does. */
export function dispatchNotice(notice: Notice): void {
  navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: notice }));
}

/** Changes a record as the worker does, with a notice. */
export async function changeAsWorker(id: string, transition: (upload: Upload) => Upload): Promise<void> {
  const db = await UploadsDb.open();
  await db.update(id, transition);
  db.close();
  dispatchNotice({ type: 'changed', id });
}

export const completedStep = (upload: Upload) =>
  withState(upload, { status: 'completed', completedAt: 1, batch: { batch_id: 'b1', also: 'this' } });
