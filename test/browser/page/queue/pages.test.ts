import { deleteDB } from 'idb';
import { expect, it, onTestFinished } from 'vitest';
import { readPages } from '../../../../src/page/queue/pages.ts';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { createUpload } from '../../../fixtures/upload.ts';

it('reads a long queue piece by piece to its end, also where more have one rank than come at once', async () => {
  const name = `test ${crypto.randomUUID()}`;
  const db = await UploadsDb.open(name);
  onTestFinished(async () => {
    db.close();
    await deleteDB(name);
  });
  const stored = await Promise.all(Array.from({ length: 2600 }, () => db.add(createUpload())));
  const alike = stored.slice(300, 1500).map(({ id }) => db.update(id, (before) => ({ ...before, rank: 300.5 * 1024 })));
  await Promise.all(alike);
  const read = new Set<string>();
  let most = 0;
  for await (const uploads of readPages(db, 'ada')) {
    most = Math.max(most, uploads.length);
    for (const { id } of uploads) read.add(id);
  }
  expect(read).toEqual(new Set(stored.map(({ id }) => id)));
  expect(most).toBeLessThan(stored.length);
});
