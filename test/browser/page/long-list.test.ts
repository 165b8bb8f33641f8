import { expect, it } from 'vitest';
import { openUploadClient } from '../../../src/page/index.ts';
import { UploadsDb } from '../../../src/shared/db/uploads-db.ts';
import { createUpload } from '../../fixtures/upload.ts';

it('shows the first page of a long queue, and calls listeners after the rest', async () => {
  const ownerId = crypto.randomUUID();
  const db = await UploadsDb.open();
  for (let rank = 1; rank <= 120; rank++) await db.add(createUpload({ ownerId }));
  await db.settings.setCredentials({ userId: ownerId, accessToken: 'a token' });
  const ids = (await db.list(ownerId)).map(({ id }) => id);
  db.close();
  const client = await openUploadClient({ workerUrl: '/test/browser/page/idle-sw.js' });
  const lengths: number[] = [];
  client.subscribe((uploads) => lengths.push(uploads.length));
  const firstPage = client.queue.items.map(({ id }) => id);
  expect(client.queue.isLoaded).toBe(false);
  expect(firstPage.length).toBeGreaterThan(10);
  expect(firstPage).toEqual(ids.slice(0, firstPage.length));
  // Before the list is loaded, an upload does not count as removed, nor the first page as all.
  const last = client.whenCompleted(ids.at(-1) ?? '');
  expect(client.list()).toEqual([]);
  await client.reload();
  expect(client.queue.isLoaded).toBe(true);
  expect(client.list().map(({ id }) => id)).toEqual(ids);
  expect(lengths).toEqual([0, 120]);
  await client.remove(ids.at(-1) ?? '');
  await expect(last).rejects.toMatchObject({ code: expect.stringMatching(/cancelled|unknown_upload/) });
  client.close();
});
