import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pauseTransition } from '../../../../src/page/queue/transitions.ts';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import type { Notice } from '../../../../src/shared/messages.ts';
import { getReadyState, type Upload, withState } from '../../../../src/shared/upload.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import { createUpload } from '../../../fixtures/upload.ts';
import { CHUNKS, createWake, DriverFixture, FakeTransport, WITH_KEY } from '../driver-fixture.ts';

const cancelled = (before: Upload) => withState(before, { status: 'cancelled', cancelledAt: 1 });

describe('Driver: changed records', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it.each([
    ['asks the user', 'the basic level', [], 'waiting'],
    ['sends again', 'a server with idempotency keys', WITH_KEY, 'completed'],
  ])('%s after a final chunk without response, at %s', async (_does, _level, features, status) => {
    const id = await fixture.queueUpload();
    let isInterrupted = false;
    const transport = new FakeTransport(features, async (index, signal) => {
      if (index !== CHUNKS - 1 || isInterrupted) return;
      isInterrupted = true;
      await fixture.db.update(id, (before) => withState(before, { status: 'paused' }));
      driver.hint(id);
      await realClock.sleep(1e9, signal);
    });
    const driver = fixture.createDriver(transport);
    await driver.drive(createWake());
    await fixture.db.update(id, (before) => withState(before, getReadyState(before)));
    await driver.drive(createWake());
    expect((await fixture.db.get(id))?.status).toBe(status);
    expect(transport.startedChunks.filter((index) => index === CHUNKS - 1)).toHaveLength(status === 'waiting' ? 1 : 2);
  });

  it.each([
    ['completes', 'a server with idempotency keys', WITH_KEY, 'completed'],
    ['cancels', 'the basic level', [], 'cancelled'],
  ])('%s an upload that was cancelled before its last response, at %s', async (_does, _level, features, status) => {
    const id = await fixture.queueUpload({ plan: { way: 'direct' } });
    const transport = new FakeTransport(features, async (_index, signal) => {
      await fixture.db.update(id, cancelled);
      driver.hint(id);
      await realClock.sleep(1e9, signal);
    });
    const driver = fixture.createDriver(transport);
    await driver.drive(createWake());
    expect(await fixture.db.get(id)).toMatchObject({
      status,
      ...(status === 'completed' && { batch: { batch_id: id } }),
    });
    expect(await fixture.db.pieces(id, 0, 1)).toEqual([]);
    expect(transport.batchQueries).toEqual(status === 'completed' ? [id] : []);
  });

  it('abandons a request that never ends when its upload is cancelled', async () => {
    const id = await fixture.queueUpload();
    const transport = new FakeTransport([], async () => {
      await fixture.db.update(id, cancelled);
      driver.hint(id);
      await new Promise(() => undefined);
    });
    const driver = fixture.createDriver(transport);
    expect(await driver.drive(createWake())).toBe('drained');
    expect(await fixture.db.pieces(id, 0, 1)).toEqual([]);
  });

  it('reads one record and announces no change when a page pauses an upload', async () => {
    const id = await fixture.queueUpload();
    const notices: Notice[] = [];
    const tabs = {
      post: async (notice: Notice) => void notices.push(notice),
      count: async () => 1,
      hasVisible: async () => false,
    };
    const transport = new FakeTransport(WITH_KEY, (index, signal) => (index > 0 ? realClock.sleep(1e9, signal) : null));
    const driver = fixture.createDriver(transport, { tabs });
    const driving = driver.drive(createWake());
    await expect.poll(() => transport.startedChunks).toHaveLength(5);
    await fixture.db.update(id, pauseTransition);
    notices.length = 0;
    const reads = vi.spyOn(fixture.db, 'get');
    driver.hint(id);
    expect(await driving).toBe('drained');
    expect(reads.mock.calls).toEqual([[id]]);
    expect(notices.filter(({ type }) => type !== 'progress')).toEqual([]);
    expect(transport.isIdle).toBe(true);
  });

  it('announces a batch that is stored after a page cancelled the upload', async () => {
    const id = await fixture.queueUpload();
    const changes: string[] = [];
    const post = async (notice: Notice) => void (notice.type === 'changed' && changes.push(notice.id));
    const { updateAndDeleteBytes } = UploadsDb.prototype;
    const cancelling = Promise.withResolvers<void>();
    vi.spyOn(fixture.db, 'updateAndDeleteBytes').mockImplementation(async (...args) => {
      await fixture.db.update(id, cancelled);
      changes.length = 0;
      driver.hint(id);
      cancelling.resolve();
      // The run reads the cancelled record first.
      await realClock.sleep(100);
      return updateAndDeleteBytes.apply(fixture.db, args);
    });
    const driver = fixture.createDriver(new FakeTransport(WITH_KEY), {
      tabs: { post, count: async () => 1, hasVisible: async () => false },
    });
    await driver.drive(createWake());
    await cancelling.promise;
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', batch: { batch_id: 'b' } });
    expect(changes).toEqual([id]);
  });

  it('cancels an upload without a plan without a request', async () => {
    const id = await fixture.queueUpload({ plan: null });
    await fixture.db.update(id, cancelled);
    const transport = new FakeTransport(WITH_KEY);
    await fixture.createDriver(transport).drive(createWake());
    expect(await fixture.db.pieces(id, 0, 1)).toEqual([]);
    expect(transport.batchQueries).toEqual([]);
  });

  it('ignores the receipt of an older generation', async () => {
    const upload = createUpload({ generation: 2 });
    await fixture.db.add(upload);
    const receipt = { uploadId: upload.id, generation: 1, index: 0, sizeBytes: 10 };
    expect(await fixture.db.addReceipt(receipt, () => null)).toBeUndefined();
    expect(await fixture.db.receipts(upload.id, 1)).toEqual([]);
  });

  it('keeps no receipt of a completed upload when a response comes late', async () => {
    const upload = await fixture.queueAndDrive(new FakeTransport(WITH_KEY));
    expect(upload?.status).toBe('completed');
    const receipt = { uploadId: upload?.id ?? '', generation: 0, index: 0, sizeBytes: 10 };
    expect(await fixture.db.addReceipt(receipt, () => null)).toBeUndefined();
    await fixture.db.replaceReceipts(receipt.uploadId, 0, [receipt]);
    expect(await fixture.db.receipts(receipt.uploadId, 0)).toEqual([]);
  });
});
