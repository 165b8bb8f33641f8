import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cancelTransition, pauseTransition } from '../../../../src/page/queue/transitions.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import type { Driver } from '../../../../sw/schedule/driver.ts';
import { CHUNKS, createWake, DriverFixture, FakeTransport, WITH_KEY, WITH_OFFSETS } from '../driver-fixture.ts';

/** A machine that is at something else has its time. */
const PATIENCE = { timeout: 10_000 };

describe('between an answer and the next request', () => {
  let desk: DriverFixture;

  beforeEach(async () => {
    desk = await DriverFixture.open();
  });

  afterEach(() => desk.close());

  it('booking the answer is not waited for', async () => {
    await desk.queueAndDrive(new FakeTransport(WITH_OFFSETS));
    let letGo = () => {};
    const isHeld = Promise.withResolvers<void>();
    const script = new FakeTransport(WITH_OFFSETS, async (index) => {
      if (index === 0) {
        letGo = await desk.holdReceipts();
        isHeld.resolve();
      }
      await isHeld.promise;
    });
    const driven = desk.queueAndDrive(script);
    try {
      await vi.waitUntil(() => script.endedChunks.length === CHUNKS, PATIENCE);
    } finally {
      letGo();
    }
    expect((await driven)?.status).toBe('completed');
    expect(script.mostInFlight).toBe(4);
  });

  it('a pause that was booked with the answer stops it all the same', async () => {
    const id = await desk.queueUpload();
    const isBooked = async (index: number) => (await desk.db.listAcknowledged(id, 0)).includes(index);
    let driver: Driver | null = null;
    const script: FakeTransport = new FakeTransport(WITH_KEY, async (index) => {
      if (index === 1) await desk.db.update(id, pauseTransition);
      if (index < 5) return;
      await vi.waitUntil(() => isBooked(1), PATIENCE);
      driver?.hint(id);
    });
    driver = desk.createDriver(script);
    await driver.drive(createWake());
    expect((await desk.db.get(id))?.status).toBe('paused');
    expect(script.startedChunks.length).toBeLessThan(CHUNKS);
  });

  it('a cancel that was booked with the answer ends the requests beside it', async () => {
    const id = await desk.queueUpload();
    const script = new FakeTransport(WITH_KEY, async (index, signal) => {
      if (index === 1) await desk.db.update(id, cancelTransition);
      // Without end unless it is aborted.
      if (index > 1) await realClock.sleep(1e9, signal);
    });
    await desk.createDriver(script).drive(createWake());
    expect(await desk.db.get(id)).toMatchObject({ status: 'cancelled', session: null, stagedBytes: 0 });
    expect(script.isIdle).toBe(true);
  });

  it('what it carries has been read, and is read once', async () => {
    const reads = vi.spyOn(desk.db, 'pieces');
    const isReadAhead = Promise.withResolvers<void>();
    // Answered, and the later ones with it, once what comes behind those that have begun has been read too.
    const script: FakeTransport = new FakeTransport(WITH_KEY, async (index) => {
      if (index > 5) await isReadAhead.promise;
      if (index !== 5) return;
      await vi.waitUntil(() => reads.mock.calls.length > script.startedChunks.length, PATIENCE);
      isReadAhead.resolve();
    });
    expect((await desk.queueAndDrive(script))?.status).toBe('completed');
    expect(reads).toHaveBeenCalledTimes(CHUNKS);
  });

  it('what could not be read ahead is read again', async () => {
    const reads = vi.spyOn(desk.db, 'pieces');
    // While 1 to 4 are on their way 5 has been read; once 1 is answered, 5 begins and 6 is read.
    const script: FakeTransport = new FakeTransport(WITH_KEY, async (index) => {
      if (index === 0 || index > 4) return;
      await vi.waitUntil(() => reads.mock.calls.length > (index === 1 ? 5 : 6), PATIENCE);
      if (index === 1) reads.mockRejectedValueOnce(new Error('no such luck'));
    });
    expect((await desk.queueAndDrive(script))?.status).toBe('completed');
    expect(reads).toHaveBeenCalledTimes(CHUNKS + 1);
  });
});
