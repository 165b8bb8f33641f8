import { expect, it } from 'vitest';
import type { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { checkFileList, MAX_FILES, readFileList } from '../../../../src/shared/http/file-list.ts';
import type { FileInfo } from '../../../../src/shared/upload.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const createInfo = (facts: Partial<FileInfo> = {}): FileInfo => ({
  name: 'a.jpg',
  type: '',
  sizeBytes: 1,
  modifiedAt: 0,
  ...facts,
});
const first = { index: 0, start: 0, end: 1 };

it('lists name, path, type, size and date of each file, in chunk 0 alone', async () => {
  const files = [
    createInfo({ path: 'trip/a.jpg', type: 'image/jpeg', modifiedAt: 1000 }),
    createInfo({ sizeBytes: 0 }),
  ];
  const db = { listFiles: async () => files } as unknown as UploadsDb;
  const upload = createUpload({ fileCount: 2 });
  expect(JSON.parse((await (await readFileList(db, upload, first))?.text()) ?? '')).toEqual([
    { name: 'a.jpg', path: 'trip/a.jpg', type: 'image/jpeg', size_bytes: 1, modified_at: '1970-01-01T00:00:01.000Z' },
    { name: 'a.jpg', type: '', size_bytes: 0, modified_at: '1970-01-01T00:00:00.000Z' },
  ]);
  expect(await readFileList(db, upload, { ...first, index: 1 })).toBeNull();
  expect(await readFileList(db, createUpload(), first)).toBeNull();
});

it('rejects more than 100,000 files, and more than 16 MiB of list', () => {
  const tooMany = expect.objectContaining({ code: 'too_many_files' });
  expect(() => checkFileList(Array.from({ length: MAX_FILES }, () => createInfo()))).not.toThrow();
  expect(() => checkFileList(Array.from({ length: MAX_FILES + 1 }, () => createInfo()))).toThrow(tooMany);
  const long = createInfo({ name: 'n'.repeat(900) });
  expect(() => checkFileList(Array.from({ length: 16_000 }, () => long))).not.toThrow();
  expect(() => checkFileList(Array.from({ length: 18_000 }, () => long))).toThrow(tooMany);
});

it('lists a date outside of the years 1970 to 9999 as the nearest one', async () => {
  const files = [createInfo({ modifiedAt: -1 }), createInfo({ modifiedAt: 9e15 })];
  const db = { listFiles: async () => files } as unknown as UploadsDb;
  const list = JSON.parse((await (await readFileList(db, createUpload({ fileCount: 2 }), first))?.text()) ?? '');
  expect(list.map((file: { modified_at: string }) => file.modified_at.slice(0, 10))).toEqual([
    '1970-01-01',
    '9999-12-31',
  ]);
});
