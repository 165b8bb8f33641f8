import { expect, it } from 'vitest';
import { openUploadClient } from '../../../src/page/index.ts';
import { UploadsDb } from '../../../src/shared/db/uploads-db.ts';
import { createUpload } from '../../fixtures/upload.ts';

it('shows the beginning of a long queue first, and tells whoever listens of it when all of it is read', async () => {
  const ownerId = crypto.randomUUID();
  const db = await UploadsDb.open();
  for (let rank = 1; rank <= 120; rank++) await db.add(createUpload({ ownerId }));
  await db.settings.setCredentials({ userId: ownerId, accessToken: 'a token' });
  const stored = (await db.list(ownerId)).map(({ id }) => id);
  db.close();
  const client = await openUploadClient({ workerUrl: '/test/browser/page/idle-sw.js' });
  const told: number[] = [];
  client.subscribe((uploads) => told.push(uploads.length));
  const known = client.queue.items.map(({ id }) => id);
  expect(client.queue.isLoaded).toBe(false);
  expect(known.length).toBeGreaterThan(10);
  expect(known).toEqual(stored.slice(0, known.length));
  // What cannot be known yet is not said: neither that it is gone, nor that this is all.
  const last = client.whenCompleted(stored.at(-1) ?? '');
  expect(client.list()).toEqual([]);
  await client.reload();
  expect(client.queue.isLoaded).toBe(true);
  expect(client.list().map(({ id }) => id)).toEqual(stored);
  expect(told).toEqual([0, 120]);
  await client.remove(stored.at(-1) ?? '');
  await expect(last).rejects.toMatchObject({ code: expect.stringMatching(/cancelled|unknown_upload/) });
  client.close();
});
