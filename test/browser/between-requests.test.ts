import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ANYWHERE, CHUNKS, Desk, EXACT, Script } from './desk.ts';

describe('between an answer and the next request', () => {
  let desk: Desk;

  beforeEach(async () => {
    desk = await Desk.open();
  });

  afterEach(() => desk.close());

  it('booking the answer is not waited for', async () => {
    await desk.drive(new Script(ANYWHERE));
    let letGo = () => {};
    const isHeld = Promise.withResolvers<void>();
    const script = new Script(ANYWHERE, async (index) => {
      if (index === 0) {
        letGo = await desk.holdReceipts();
        isHeld.resolve();
      }
      await isHeld.promise;
    });
    const driven = desk.drive(script);
    await vi.waitUntil(() => script.ended.length === CHUNKS);
    letGo();
    expect((await driven)?.status).toBe('completed');
    expect(script.mostInFlight).toBe(4);
  });

  it('what it carries has been read, and is read once', async () => {
    const reads = vi.spyOn(desk.db, 'pieces');
    expect((await desk.drive(new Script(EXACT)))?.status).toBe('completed');
    expect(reads).toHaveBeenCalledTimes(CHUNKS);
  });

  it('what could not be read ahead is read again', async () => {
    const reads = vi.spyOn(desk.db, 'pieces');
    const script = new Script(EXACT, (index) => {
      if (index === 0) reads.mockRejectedValueOnce(new Error('no such luck'));
    });
    expect((await desk.drive(script))?.status).toBe('completed');
    expect(script.begun).toHaveLength(CHUNKS);
  });
});
