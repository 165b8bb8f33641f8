import { afterEach, beforeEach, expect } from 'vitest';
import { createUploadClient, type UploadClient } from '../../../src/page/index.ts';
import { UploadsDb } from '../../../src/shared/db/uploads-db.ts';
import type { Notice } from '../../../src/shared/messages.ts';
import { PIECE_BYTES } from '../../../src/shared/staging/pieces.ts';
import { type Upload, withState } from '../../../src/shared/upload.ts';
import { createUpload } from '../../fixtures/upload.ts';

export const KB = 1024;
const plan = { way: 'chunks', chunkBytes: 4 * KB, ramp: [] } as const;

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

/** Waits until the client shows an upload in a status. */
export async function expectStatus(client: UploadClient, id: string, status: string): Promise<void> {
  await expect.poll(() => client.get(id)?.status).toBe(status);
}

/** A database without a user before each test; its clients are closed after it. */
export function withClients() {
  let db: UploadsDb;
  const clients: UploadClient[] = [];

  beforeEach(async () => {
    db = await UploadsDb.open();
    await db.settings.setLastUserId(null);
    await db.settings.setCredentials(null);
  });

  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    db.close();
  });

  return {
    get db(): UploadsDb {
      return db;
    },
    closeAfterTest: (client: UploadClient) => void clients.push(client),
    async signIn(userId?: string) {
      const signedIn = await openSignedInClient(userId);
      clients.push(signedIn.client);
      return signedIn;
    },
    /** Stores an upload of 10 kB in three chunks. */
    async storeUpload(ownerId: string, facts: Partial<Upload> = {}): Promise<string> {
      const upload = { ...createUpload({ ownerId, sizeBytes: 10 * KB, plan }), ...facts } as Upload;
      await db.add(upload);
      return upload.id;
    },
  };
}
