import { expect, it } from 'vitest';
import type { RefreshTokens } from '../../../../src/server/store/refresh-tokens.ts';

const SECOND_MS = 1000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

/**
 * Tests that every implementation of `RefreshTokens` passes.
 *
 * @param create takes the clock, in ms since 1970.
 */
export function refreshTokensContract(create: (now: () => number) => Promise<RefreshTokens>): void {
  async function setUp() {
    let elapsedMs = 0;
    const startedAt = Date.now();
    const tokens = await create(() => startedAt + elapsedMs);
    const rotate = async (token: string) => (await tokens.rotate(token))?.token ?? 'none';
    const pass = (ms: number) => {
      elapsedMs += ms;
    };
    return { tokens, rotate, pass };
  }

  it('rotates a token to a new one of the same user', async () => {
    const { tokens } = await setUp();
    const first = await tokens.create('ada');
    const second = await tokens.rotate(first);
    expect(second).toEqual({ userId: 'ada', token: expect.any(String) });
    expect(second?.token).not.toBe(first);
  });

  it('rejects unknown tokens', async () => {
    const { tokens } = await setUp();
    await tokens.create('ada');
    expect(await tokens.rotate('guessed')).toBeNull();
    await tokens.revoke('guessed');
  });

  it('accepts a token until its successor is used, and 30 seconds more', async () => {
    const { tokens, rotate, pass } = await setUp();
    const first = await tokens.create('ada');
    await rotate(first);
    pass(DAY_MS);
    const successor = await rotate(first);
    await rotate(successor);
    pass(29 * SECOND_MS);
    expect(await tokens.rotate(first)).not.toBeNull();
    pass(2 * SECOND_MS);
    expect(await tokens.rotate(first)).toBeNull();
    expect(await tokens.rotate(successor)).not.toBeNull();
  });

  it('keeps the last 8 unused successors of a token', async () => {
    const { tokens, rotate, pass } = await setUp();
    const first = await tokens.create('ada');
    const successors: string[] = [];
    for (let n = 0; n < 10; n++) {
      pass(SECOND_MS);
      successors.push(await rotate(first));
    }
    expect(await tokens.rotate(successors[1] ?? '')).toBeNull();
    expect(await tokens.rotate(successors[2] ?? '')).not.toBeNull();
    expect(await tokens.rotate(successors[9] ?? '')).not.toBeNull();
  });

  it('rejects a token that was not used for 30 days', async () => {
    const { tokens, pass } = await setUp();
    const first = await tokens.create('ada');
    pass(30 * DAY_MS + SECOND_MS);
    expect(await tokens.rotate(first)).toBeNull();
  });

  it('revokes the family of a token, and no other', async () => {
    const { tokens, rotate } = await setUp();
    const [first, other] = [await tokens.create('ada'), await tokens.create('ada')];
    const second = await rotate(first);
    await tokens.revoke(first);
    for (const revoked of [first, second]) expect(await tokens.rotate(revoked)).toBeNull();
    expect(await tokens.rotate(other)).not.toBeNull();
  });

  it('revokes the successor of a rotation at the same time', async () => {
    const { tokens } = await setUp();
    const first = await tokens.create('ada');
    const [rotated] = await Promise.all([tokens.rotate(first), tokens.revoke(first)]);
    if (rotated) expect(await tokens.rotate(rotated.token)).toBeNull();
    expect(await tokens.rotate(first)).toBeNull();
  });
}
