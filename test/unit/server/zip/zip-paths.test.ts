import { describe, expect, it } from 'vitest';
import { ZipPaths } from '../../../../src/server/zip/zip-paths.ts';

function toPaths(...files: readonly string[][]): string[] {
  const paths = new ZipPaths();
  return files.map((segments) => paths.add(segments));
}

describe('ZipPaths', () => {
  it('keeps paths that are safe and different', () => {
    const files = [['trip', 'day 1', 'ä.jpg'], ['trip', 'day 2', 'ä.jpg'], ['.profile'], ['a..b']];
    expect(toPaths(...files)).toEqual(files.map((segments) => segments.join('/')));
  });

  it.each([
    ['..', '__'],
    ['.', '_'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['/etc/passwd', '_etc_passwd'],
    ['C:\\Windows', 'C__Windows'],
    ['a\u0000b\nc', 'a_b_c'],
    ['photo\u202egpj.exe', 'photo_gpj.exe'],
    ['', '_'],
  ])('makes %j safe', (name, expected) => {
    expect(toPaths([name])).toEqual([expected]);
  });

  it('numbers equal paths', () => {
    expect(toPaths(['a.jpg'], ['a.jpg'], ['a (2).jpg'], ['a.jpg'], ['b'], ['b'])).toEqual([
      'a.jpg',
      'a (2).jpg',
      'a (2) (2).jpg',
      'a (3).jpg',
      'b',
      'b (2)',
    ]);
  });

  it('tells paths apart as platforms do that ignore case and composition', () => {
    expect(toPaths(['A.jpg'], ['a.jpg'], ['\u00e4'], ['a\u0308'])).toEqual([
      'A.jpg',
      'a (2).jpg',
      '\u00e4',
      'a\u0308 (2)',
    ]);
  });

  it('keeps a folder and a file of one name apart', () => {
    expect(toPaths(['a'], ['a', 'b'], ['a', 'c'], ['d', 'e'], ['d'])).toEqual([
      'a',
      'a (2)/b',
      'a (2)/c',
      'd/e',
      'd (2)',
    ]);
  });

  it('numbers 100,000 equal paths quickly', () => {
    const paths = new ZipPaths();
    for (let n = 1; n < 100_000; n++) paths.add(['a']);
    expect(paths.add(['a'])).toBe('a (100000)');
  });
});
