import { deleteDB } from 'idb';
import { expect, it, onTestFinished } from 'vitest';
import { readPages } from '../../../../src/page/queue/pages.ts';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { createUpload } from '../../../fixtures/upload.ts';

it('reads all pages, even if one rank has more uploads than a page', async () => {
  const name = `test ${crypto.randomUUID()}`;
  const db = await UploadsDb.open(name);
  onTestFinished(async () => {
    db.close();
    await deleteDB(name);
  });
  const added = await Promise.all(Array.from({ length: 2600 }, () => db.add(createUpload())));
  const alike = added.slice(300, 1500).map(({ id }) => db.update(id, (before) => ({ ...before, rank: 300.5 * 1024 })));
  await Promise.all(alike);
  const read = new Set<string>();
  let largest = 0;
  for await (const uploads of readPages(db, 'ada')) {
    largest = Math.max(largest, uploads.length);
    for (const { id } of uploads) read.add(id);
  }
  expect(read).toEqual(new Set(added.map(({ id }) => id)));
  expect(largest).toBeLessThan(added.length);
});
