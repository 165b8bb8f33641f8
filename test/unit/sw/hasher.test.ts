import { describe, expect, it } from 'vitest';
import { Hasher } from '../../../sw/hasher.ts';

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Chunks that write down when they are read. */
function chunks() {
  const reads: string[] = [];
  const chunk = (key: string) => async () => {
    reads.push(key);
    return new Blob([]);
  };
  return { reads, chunk };
}

describe('digests', () => {
  it('are begun ahead and read each chunk once, although the next begins before the first is asked for', async () => {
    const hasher = new Hasher();
    const { reads, chunk } = chunks();
    hasher.prepare('a', chunk('a'));
    hasher.prepare('b', chunk('b'));
    hasher.prepare('a', chunk('a'));
    expect(await hasher.digest('a', chunk('a'))).toBe(EMPTY_SHA256);
    expect(await hasher.digest('b', chunk('b'))).toBe(EMPTY_SHA256);
    expect(reads).toEqual(['a', 'b']);
  });

  it('are made anew for another try, and after a chunk that could not be read', async () => {
    const hasher = new Hasher();
    const { reads, chunk } = chunks();
    hasher.prepare('a', () => Promise.reject(new Error('gone')));
    await expect(hasher.digest('a', chunk('a'))).rejects.toThrow('gone');
    expect(await hasher.digest('a', chunk('a'))).toBe(EMPTY_SHA256);
    expect(await hasher.digest('a', chunk('a'))).toBe(EMPTY_SHA256);
    expect(reads).toEqual(['a', 'a']);
  });
});
