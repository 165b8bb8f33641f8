import { expect, it } from 'vitest';
import { readDroppedFiles } from '../../../../src/app/add/read-files.ts';

it('of a drop everything is taken that can be read, and what cannot is counted', async () => {
  const dropped = [aFolder([aFile('one.txt'), aFile(null), aFolder(null)]), aFile('two.txt')];
  const items = dropped.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry }));
  const brought = await readDroppedFiles({ items } as unknown as DataTransfer);
  expect(brought.map((file) => file?.name ?? null)).toEqual(['one.txt', null, null, 'two.txt']);
});

/** As a browser tells of a file; null is one that it cannot read. */
function aFile(name: string | null) {
  const file = (resolve: (file: File) => void, reject: (error: Error) => void) =>
    name === null ? reject(new DOMException('Gone.', 'NotFoundError')) : resolve(new File([], name));
  return { isFile: true, isDirectory: false, file };
}

/** The same of a folder, which is told in parts, the last of them empty. */
function aFolder(entries: readonly object[] | null) {
  const parts = [entries, []];
  const readEntries = (resolve: (part: readonly object[]) => void, reject: (error: Error) => void) => {
    const part = parts.shift();
    if (part) resolve(part);
    else reject(new DOMException('Gone.', 'NotFoundError'));
  };
  return { isFile: false, isDirectory: true, createReader: () => ({ readEntries }) };
}
