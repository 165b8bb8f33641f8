import { expect, it } from 'vitest';
import type { Locks } from '../../../../src/server/store/locks.ts';

/** Tests that every implementation of `Locks` passes. */
export function locksContract(create: () => Promise<Locks>): void {
  it('runs works of one name one after the other, in the order of the calls', async () => {
    const locks = await create();
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} starts`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      events.push(`${name} ends`);
    };
    await Promise.all([locks.run('lock', work('a')), locks.run('lock', work('b')), locks.run('lock', work('c'))]);
    expect(events).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  });

  it('runs works of different names at the same time', async () => {
    const locks = await create();
    let release = () => {};
    const held = locks.run('one', () => new Promise<void>((resolve) => (release = resolve)));
    expect(await locks.run('two', async () => 'ran')).toBe('ran');
    release();
    await held;
  });

  it('passes the result on, and releases the lock after an error', async () => {
    const locks = await create();
    const failed = locks.run('lock', async () => {
      throw new Error('failed');
    });
    await expect(failed).rejects.toThrow('failed');
    expect(await locks.run('lock', async () => 7)).toBe(7);
  });
}
