import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fuzz, generateRequests } from './fuzz/fuzz.ts';

/** The first requests of a lane, each as a digest of all that is sent. */
function some(seed: number, lane: number): string[] {
  const requests = generateRequests(seed, lane);
  return Array.from({ length: 300 }, () => {
    const { kind, manner, head, body, sentBytes } = requests.next().value;
    return createHash('sha256').update(JSON.stringify({ kind, manner, head, sentBytes })).update(body).digest('hex');
  });
}

describe('a server that is asked nonsense', () => {
  it('neither crashes, leaks nor answers without a code (`npm run fuzz:server` asks longer)', {
    timeout: 120_000,
  }, async () => {
    const { faults, answers } = await fuzz(320, 1);
    expect(faults).toEqual([]);
    // Some of it was sense after all: otherwise nothing but the first check would have been tried.
    expect(answers['200']).toBeGreaterThan(20);
  });

  it('is asked the same again for the same seed, and something else for another', () => {
    expect(some(7, 3)).toEqual(some(7, 3));
    expect(some(7, 3)).not.toEqual(some(8, 3));
    expect(some(7, 3)).not.toEqual(some(7, 4));
  });
});
