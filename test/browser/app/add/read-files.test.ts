import { expect, it } from 'vitest';
import { readDroppedFiles } from '../../../../src/app/add/read-files.ts';

it('reads every readable dropped file and counts the unreadable ones', async () => {
  const dropped = [
    createFolderEntry([createFileEntry('one.txt'), createFileEntry(null), createFolderEntry(null)]),
    createFileEntry('two.txt'),
  ];
  const items = dropped.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry }));
  const files = await readDroppedFiles({ items } as unknown as DataTransfer);
  expect(files.map((file) => file?.name ?? null)).toEqual(['one.txt', null, null, 'two.txt']);
});

it('keeps the path of a file in a dropped folder', async () => {
  const items = [
    { kind: 'file', webkitGetAsEntry: () => createFolderEntry([createFileEntry('a.jpg', '/trip/day 1/a.jpg')]) },
    { kind: 'file', webkitGetAsEntry: () => createFileEntry('b.jpg') },
  ];
  const files = await readDroppedFiles({ items } as unknown as DataTransfer);
  expect(files.map((file) => file?.webkitRelativePath)).toEqual(['trip/day 1/a.jpg', '']);
});

/** A file entry as a browser passes it. Null stands for an unreadable file. */
function createFileEntry(name: string | null, fullPath = `/${name}`) {
  const file = (resolve: (file: File) => void, reject: (error: Error) => void) =>
    name === null ? reject(new DOMException('Gone.', 'NotFoundError')) : resolve(new File([], name));
  return { isFile: true, isDirectory: false, file, fullPath };
}

/** A folder entry, which a browser lists in parts, the last of them empty. */
function createFolderEntry(entries: readonly object[] | null) {
  const parts = [entries, []];
  const readEntries = (resolve: (part: readonly object[]) => void, reject: (error: Error) => void) => {
    const part = parts.shift();
    if (part) resolve(part);
    else reject(new DOMException('Gone.', 'NotFoundError'));
  };
  return { isFile: false, isDirectory: true, createReader: () => ({ readEntries }) };
}
