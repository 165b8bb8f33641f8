import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fuzz, generateRequests } from './fuzz/fuzz.ts';

/** Digests of the first requests of a lane. */
function some(seed: number, lane: number): string[] {
  const requests = generateRequests(seed, lane);
  return Array.from({ length: 300 }, () => {
    const { kind, manner, head, body, sentBytes } = requests.next().value;
    return createHash('sha256').update(JSON.stringify({ kind, manner, head, sentBytes })).update(body).digest('hex');
  });
}

describe('fuzzed server', () => {
  it('neither crashes nor leaks, and answers errors with a code', {
    timeout: 120_000,
  }, async () => {
    const { faults, answers } = await fuzz(320, 1);
    expect(faults).toEqual([]);
    // Some requests must be valid: otherwise only the first check would run.
    expect(answers['200']).toBeGreaterThan(20);
  });

  it('generates equal requests for equal seeds only', () => {
    expect(some(7, 3)).toEqual(some(7, 3));
    expect(some(7, 3)).not.toEqual(some(8, 3));
    expect(some(7, 3)).not.toEqual(some(7, 4));
  });
});
