import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cancelTransition, pauseTransition } from '../../../../src/page/queue/transitions.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import type { Driver } from '../../../../sw/schedule/driver.ts';
import { CHUNKS, createWake, DriverFixture, FakeTransport, WITH_KEY, WITH_OFFSETS } from '../driver-fixture.ts';

/** Allows for a busy machine. */
const PATIENCE = { timeout: 10_000 };

describe('sender, between a response and the next request', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it('sends the next request before the response is stored', async () => {
    await fixture.queueAndDrive(new FakeTransport(WITH_OFFSETS));
    let releaseReceipts = () => {};
    const isHeld = Promise.withResolvers<void>();
    const transport = new FakeTransport(WITH_OFFSETS, async (index) => {
      if (index === 0) {
        releaseReceipts = await fixture.holdReceipts();
        isHeld.resolve();
      }
      await isHeld.promise;
    });
    const result = fixture.queueAndDrive(transport);
    try {
      await vi.waitUntil(() => transport.endedChunks.length === CHUNKS, PATIENCE);
    } finally {
      releaseReceipts();
    }
    expect((await result)?.status).toBe('completed');
    expect(transport.mostInFlight).toBe(4);
  });

  it('stops at a pause that was stored together with a response', async () => {
    const id = await fixture.queueUpload();
    const isAcknowledged = async (index: number) => (await fixture.db.listAcknowledged(id, 0)).includes(index);
    let driver: Driver | null = null;
    const transport: FakeTransport = new FakeTransport(WITH_KEY, async (index) => {
      if (index === 1) await fixture.db.update(id, pauseTransition);
      if (index < 5) return;
      await vi.waitUntil(() => isAcknowledged(1), PATIENCE);
      driver?.hint(id);
    });
    driver = fixture.createDriver(transport);
    await driver.drive(createWake());
    expect((await fixture.db.get(id))?.status).toBe('paused');
    expect(transport.startedChunks.length).toBeLessThan(CHUNKS);
  });

  it('aborts the other requests at a cancel stored with a response', async () => {
    const id = await fixture.queueUpload();
    const transport = new FakeTransport(WITH_KEY, async (index, signal) => {
      if (index === 1) await fixture.db.update(id, cancelTransition);
      // Ends only when it is aborted.
      if (index > 1) await realClock.sleep(1e9, signal);
    });
    await fixture.createDriver(transport).drive(createWake());
    expect(await fixture.db.get(id)).toMatchObject({ status: 'cancelled', session: null, stagedBytes: 0 });
    expect(transport.isIdle).toBe(true);
  });

  it('reads the bytes of each chunk ahead of time, and only once', async () => {
    const reads = vi.spyOn(fixture.db, 'pieces');
    const isReadAhead = Promise.withResolvers<void>();
    // Chunks from 5 on are acknowledged once the bytes of the next chunk have been read too.
    const transport: FakeTransport = new FakeTransport(WITH_KEY, async (index) => {
      if (index > 5) await isReadAhead.promise;
      if (index !== 5) return;
      await vi.waitUntil(() => reads.mock.calls.length > transport.startedChunks.length, PATIENCE);
      isReadAhead.resolve();
    });
    expect((await fixture.queueAndDrive(transport))?.status).toBe('completed');
    expect(reads).toHaveBeenCalledTimes(CHUNKS);
  });

  it('reads bytes again that could not be read ahead of time', async () => {
    const reads = vi.spyOn(fixture.db, 'pieces');
    // While chunks 1 to 4 are in flight, 5 is read; once 1 is acknowledged, 5 starts and 6 is read.
    const transport: FakeTransport = new FakeTransport(WITH_KEY, async (index) => {
      if (index === 0 || index > 4) return;
      await vi.waitUntil(() => reads.mock.calls.length > (index === 1 ? 5 : 6), PATIENCE);
      if (index === 1) reads.mockRejectedValueOnce(new Error('no such luck'));
    });
    expect((await fixture.queueAndDrive(transport))?.status).toBe('completed');
    expect(reads).toHaveBeenCalledTimes(CHUNKS + 1);
  });
});
