import { expect, it } from 'vitest';
import { toFileInfo } from '../../../src/shared/file-info.ts';

const createFile = (webkitRelativePath = '') =>
  Object.defineProperty(new File(['abc'], 'a.jpg', { type: 'image/jpeg', lastModified: 7 }), 'webkitRelativePath', {
    value: webkitRelativePath,
  });

it('describes a file with the path of its folder or of the caller', () => {
  const facts = { name: 'a.jpg', type: 'image/jpeg', sizeBytes: 3, modifiedAt: 7 };
  expect(toFileInfo(createFile())).toEqual(facts);
  expect(toFileInfo(createFile('trip/day 1/a.jpg'))).toEqual({ ...facts, path: 'trip/day 1/a.jpg' });
  expect(toFileInfo({ file: createFile('trip/a.jpg'), path: 'other/a.jpg' })).toEqual({
    ...facts,
    path: 'other/a.jpg',
  });
});

it.each([
  '/a.jpg',
  'x//a.jpg',
  './a.jpg',
  'x/../a.jpg',
  'x\\y/a.jpg',
  'x\u0000/a.jpg',
  `${'x'.repeat(1024)}/a.jpg`,
  'x/b.jpg',
  '',
])('rejects the path %j of the caller', (path) => {
  expect(() => toFileInfo({ file: createFile(), path })).toThrow(expect.objectContaining({ code: 'invalid_option' }));
});

it('leaves out a path of the browser that a server rejects', () => {
  expect(toFileInfo(createFile('tr\\ip/a.jpg'))).not.toHaveProperty('path');
});
