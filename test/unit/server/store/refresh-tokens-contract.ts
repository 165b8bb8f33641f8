import { expect, it } from 'vitest';
import type { RefreshTokens, Rotation } from '../../../../src/server/store/refresh-tokens.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

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
    const pass = (ms: number) => {
      elapsedMs += ms;
    };
    /** Uses a token after a time, and returns its successor. */
    const rotate = async (token: string, afterMs = 0) => {
      pass(afterMs);
      const rotation = await tokens.rotate([token]);
      return rotation.kind === 'rotated' ? rotation.token : rotation.kind;
    };
    const { token: first, familyId } = await tokens.create('ada', 'Firefox on Linux');
    return { tokens, first, familyId, rotate, pass };
  }

  it('rotates a token to a new one of the same user and family', async () => {
    const { tokens, first, familyId } = await setUp();
    const second = await tokens.rotate([first]);
    expect(second).toEqual({ kind: 'rotated', userId: 'ada', familyId, token: expect.any(String) });
    expect(second).not.toMatchObject({ token: first });
  });

  it('rejects unknown tokens, and ends no family because of them', async () => {
    const { tokens, first, familyId, rotate } = await setUp();
    const second = await rotate(first);
    for (const forged of ['guessed', `${familyId}.1.guessed.${'x'.repeat(43)}`, first.replace(/.$/, '!'), '']) {
      expect(await rotate(forged, MINUTE_MS)).toBe('unknown');
      await tokens.revoke([forged]);
    }
    expect(await rotate(second)).toMatch(/\./);
  });

  it('accepts a token until its successor is used, and 30 seconds more', async () => {
    const { first, rotate } = await setUp();
    await rotate(first);
    const successor = await rotate(first, DAY_MS);
    await rotate(successor);
    expect(await rotate(first, 29 * SECOND_MS)).toMatch(/\./);
  });

  it('ends the family when a replaced token comes back later', async () => {
    const { tokens, first, familyId, rotate } = await setUp();
    const second = await rotate(first);
    const third = await rotate(second);
    const other = await tokens.create('ada');
    expect(await rotate(first, 31 * SECOND_MS)).toBe('reused');
    expect(await tokens.isActive(familyId)).toBe(false);
    for (const ended of [first, second, third]) expect(await rotate(ended)).toBe('unknown');
    expect(await rotate(other.token)).toMatch(/\./);
  });

  it('ends the family when a token of weeks ago comes back', async () => {
    const { tokens, first, familyId, rotate } = await setUp();
    let token = first;
    for (let day = 0; day < 60; day++) token = await rotate(token, DAY_MS);
    expect(await rotate(first)).toBe('reused');
    expect(await tokens.isActive(familyId)).toBe(false);
  });

  it('accepts a token again and again while the responses are lost', async () => {
    const { first, rotate } = await setUp();
    for (let n = 0; n < 20; n++) expect(await rotate(first, n * MINUTE_MS)).toMatch(/\./);
  });

  it('accepts the successor that arrived last although another one was used', async () => {
    const { first, rotate } = await setUp();
    const [late, early] = [await rotate(first), await rotate(first)];
    await rotate(early, 3 * SECOND_MS);
    // The response with the first successor arrives now, and the browser keeps that cookie.
    const next = await rotate(late, 15 * MINUTE_MS);
    expect(await rotate(next, 15 * MINUTE_MS)).toMatch(/\./);
  });

  it('accepts both successors of two uses at once, whichever the browser keeps', async () => {
    const { first, rotate } = await setUp();
    const second = await rotate(first);
    const third = await rotate(second);
    // A request with the first token was on its way.
    const parallel = await rotate(first, 2 * SECOND_MS);
    expect(await rotate(third, 15 * MINUTE_MS)).toMatch(/\./);
    expect(await rotate(parallel, 29 * SECOND_MS)).toMatch(/\./);
  });

  it.each(['thief', 'user'])('ends the family when two holders take turns, %s first', async (leader) => {
    const { first, rotate } = await setUp();
    const held: Record<string, string> = { user: await rotate(first), thief: await rotate(first, MINUTE_MS) };
    const turns = leader === 'user' ? ['user', 'thief'] : ['thief', 'user'];
    const outcomes: string[] = [];
    for (const holder of [...turns, ...turns]) {
      held[holder] = await rotate(held[holder] ?? '', 15 * MINUTE_MS);
      outcomes.push(held[holder] ?? '');
    }
    expect(outcomes).toContain('reused');
    expect(outcomes.at(-1)).toBe('unknown');
  });

  it('keeps the last 8 unused successors of a token', async () => {
    const { first, rotate } = await setUp();
    const successors: string[] = [];
    for (let n = 0; n < 10; n++) successors.push(await rotate(first, SECOND_MS));
    expect(await rotate(successors[1] ?? '')).toBe('unknown');
    expect(await rotate(successors[2] ?? '')).toMatch(/\./);
    expect(await rotate(successors[9] ?? '')).toMatch(/\./);
  });

  it('ends a family that was not used for 30 days', async () => {
    const { tokens, first, familyId, rotate, pass } = await setUp();
    pass(30 * DAY_MS - SECOND_MS);
    expect(await tokens.isActive(familyId)).toBe(true);
    pass(2 * SECOND_MS);
    expect(await tokens.isActive(familyId)).toBe(false);
    expect(await rotate(first)).toBe('unknown');
  });

  it('ends a family after 90 days, however much it is used', async () => {
    const { tokens, first, familyId, rotate } = await setUp();
    let token = first;
    for (let day = 1; day < 90; day++) token = await rotate(token, DAY_MS);
    expect(await tokens.isActive(familyId)).toBe(true);
    expect(await rotate(token, DAY_MS)).toBe('unknown');
    expect(await tokens.isActive(familyId)).toBe(false);
  });

  it('revokes the family of a token, and no other', async () => {
    const { tokens, first, familyId, rotate } = await setUp();
    const other = await tokens.create('ada');
    const second = await rotate(first);
    await tokens.revoke([first]);
    for (const revoked of [first, second]) expect(await rotate(revoked)).toBe('unknown');
    expect(await tokens.isActive(familyId)).toBe(false);
    expect(await tokens.isActive(other.familyId)).toBe(true);
    expect(await rotate(other.token)).toMatch(/\./);
  });

  it('revokes the successor of a rotation at the same time', async () => {
    const { tokens, first, rotate } = await setUp();
    const [rotated] = await Promise.all([tokens.rotate([first]), tokens.revoke([first])]);
    if (rotated.kind === 'rotated') expect(await rotate(rotated.token)).toBe('unknown');
    expect(await rotate(first)).toBe('unknown');
  });

  it('uses the valid one of several tokens, and judges no other', async () => {
    const { tokens, first, rotate, pass } = await setUp();
    const second = await rotate(first);
    const third = await rotate(second);
    pass(MINUTE_MS);
    for (const order of [
      [first, 'guessed', third],
      [third, first],
    ]) {
      expect(await tokens.rotate(order)).toMatchObject({ kind: 'rotated', userId: 'ada' });
    }
  });

  it('rejects valid tokens of two users', async () => {
    const { tokens, first, rotate } = await setUp();
    const { token: planted } = await tokens.create('mallory');
    const rotation: Rotation = await tokens.rotate([planted, first]);
    expect(rotation).toEqual({ kind: 'ambiguous', userIds: expect.arrayContaining(['ada', 'mallory']) });
    expect(await rotate(first)).toMatch(/\./);
  });

  it('lists the families of a user, and ends one of them', async () => {
    const { tokens, familyId, first, rotate, pass } = await setUp();
    pass(DAY_MS);
    const phone = await tokens.create('ada', 'Chrome on Android');
    await tokens.create('bob');
    const list = await tokens.list('ada');
    expect(list).toMatchObject([
      { familyId: phone.familyId, userAgent: 'Chrome on Android', isConfirmed: false },
      { familyId, userAgent: 'Firefox on Linux' },
    ]);
    expect((list[0]?.createdAt ?? 0) - (list[1]?.createdAt ?? 0)).toBe(DAY_MS);
    await rotate(first, MINUTE_MS);
    expect((await tokens.list('ada'))[0]).toMatchObject({ familyId, isConfirmed: true });
    expect(await tokens.end('bob', familyId)).toBe(false);
    expect(await tokens.end('ada', 'guessed')).toBe(false);
    expect(await tokens.end('ada', familyId)).toBe(true);
    expect((await tokens.list('ada')).map((device) => device.familyId)).toEqual([phone.familyId]);
    expect(await rotate(first)).toBe('unknown');
  });

  it('ends the sign-in that was unused for longest when a user has 100', async () => {
    const { tokens, first, familyId, rotate, pass } = await setUp();
    const second = await tokens.create('ada');
    pass(SECOND_MS);
    const token = await rotate(first);
    for (let n = 2; n < 100; n++) await tokens.create('ada');
    expect(await tokens.list('ada')).toHaveLength(100);
    await tokens.create('bob');
    expect(await tokens.isActive(second.familyId)).toBe(true);
    await tokens.create('ada');
    expect(await tokens.list('ada')).toHaveLength(100);
    expect(await tokens.isActive(second.familyId)).toBe(false);
    expect(await tokens.isActive(familyId)).toBe(true);
    expect(await rotate(token)).toMatch(/\./);
  });

  it('issues another first token of a family until one came back', async () => {
    const { tokens, first, familyId, rotate } = await setUp();
    const repeated = await tokens.repeat(familyId);
    expect(repeated).toMatchObject({ userId: 'ada', familyId });
    expect(await rotate(repeated?.token ?? '')).toMatch(/\./);
    expect(await tokens.repeat(familyId)).toBeNull();
    expect(await rotate(first)).toMatch(/\./);
    expect(await tokens.repeat('guessed')).toBeNull();
  });
}
