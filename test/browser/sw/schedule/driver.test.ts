import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadError } from '../../../../src/shared/errors.ts';
import { withState } from '../../../../src/shared/upload.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import type { DriverDependencies } from '../../../../sw/ports/ports.ts';
import { createUpload } from '../../../fixtures/upload.ts';
import { CHUNKS, createWake, DriverFixture, FakeTransport, WITH_KEY, WITH_OFFSETS } from '../driver-fixture.ts';

const MIB = 1024 * 1024;

describe('Driver', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it('sends chunk 0 alone, then at most four chunks at once', async () => {
    // The server responds when four chunks are in flight.
    const transport: FakeTransport = new FakeTransport(WITH_KEY, async (index) => {
      while (index > 0 && transport.mostInFlight < 4) await realClock.sleep(5);
    });
    expect((await fixture.queueAndDrive(transport))?.status).toBe('completed');
    expect(transport.startedChunks[0]).toBe(0);
    expect(transport.endedChunks[0]).toBe(0);
    expect(transport.mostInFlight).toBe(4);
    expect([...transport.startedChunks].sort((a, b) => a - b)).toEqual(
      Array.from({ length: CHUNKS }, (_, index) => index),
    );
  });

  it('sends the final chunk last to a server of the basic level', async () => {
    const transport = new FakeTransport([]);
    expect((await fixture.queueAndDrive(transport))?.status).toBe('completed');
    expect(transport.startedChunks.at(-1)).toBe(CHUNKS - 1);
    expect(transport.endedChunks.slice(0, -1)).not.toContain(CHUNKS - 1);
  });

  it('starts with several chunks if the server lists offsets and generations', async () => {
    await fixture.queueAndDrive(new FakeTransport(WITH_OFFSETS));
    let startAnother = () => {};
    const another = new Promise<void>((resolve) => {
      startAnother = resolve;
    });
    // The response to chunk 0 waits for another chunk.
    const transport = new FakeTransport(WITH_OFFSETS, (index) => (index === 0 ? another : startAnother()));
    expect((await fixture.queueAndDrive(transport))?.status).toBe('completed');
    expect(transport.startedChunks.slice(0, 4)).toEqual([0, 1, 2, 3]);
  });

  it('keeps the plan of an upload if only the browser estimates the rate', async () => {
    const endpoint = await fixture.db.settings.getEndpoint();
    if (endpoint) await fixture.db.settings.setEndpoint({ ...endpoint, chunkBytes: 4 * MIB });
    const id = await fixture.queueUpload({}, CHUNKS * 4 * MIB);
    const transport = new FakeTransport(WITH_OFFSETS);
    await fixture.createDriver(transport, { downlink: () => 20_000 }).drive(createWake());
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', generation: 0 });
    expect(transport.startedChunks).toHaveLength(CHUNKS);
  });

  it('makes chunks smaller if none fits a wake and no tab is open', async () => {
    const endpoint = await fixture.db.settings.getEndpoint();
    if (endpoint) await fixture.db.settings.setEndpoint({ ...endpoint, chunkBytes: 8 * MIB });
    const profile = await fixture.db.settings.getServerProfile('https://scripted.test');
    await fixture.db.settings.setServerProfile('https://scripted.test', {
      ...profile,
      features: WITH_OFFSETS,
      rateBytesPerSecond: 60_000,
    });
    const plan = { way: 'chunks', chunkBytes: 8 * MIB, ramp: [] } as const;
    const id = await fixture.queueUpload({ plan }, 16 * MIB);
    const transport = new FakeTransport(WITH_OFFSETS);
    await fixture.createDriver(transport).drive(createWake());
    expect(await fixture.db.get(id)).toMatchObject({
      status: 'completed',
      generation: 1,
      plan: { chunkBytes: MIB / 4 },
    });
  });

  it('aborts and releases its requests when the database is closed', async () => {
    const id = await fixture.queueUpload();
    let signal: AbortSignal | undefined;
    const transport = new FakeTransport(WITH_KEY, (_index, given) => {
      signal = given;
      return realClock.sleep(60_000, given);
    });
    const driver = fixture.createDriver(transport);
    const driving = driver.drive(createWake());
    await expect.poll(() => signal).toBeDefined();
    fixture.db.close();
    await driver.release([id]);
    expect(signal?.aborted).toBe(true);
    expect(await driving).toBe('work-left');
  });

  it('keeps the plan of an upload in a wake without remaining time', async () => {
    const profile = await fixture.db.settings.getServerProfile('https://scripted.test');
    await fixture.db.settings.setServerProfile('https://scripted.test', {
      ...profile,
      features: WITH_OFFSETS,
      rateBytesPerSecond: 60_000,
    });
    const id = await fixture.queueUpload({ plan: { way: 'chunks', chunkBytes: 8 * MIB, ramp: [] } }, 16 * MIB);
    await fixture.createDriver(new FakeTransport(WITH_OFFSETS)).drive({ kind: 'message', deadline: performance.now() });
    expect(await fixture.db.get(id)).toMatchObject({ generation: 0, plan: { chunkBytes: 8 * MIB } });
  });

  it('discovers an unknown server while there is nothing to send', async () => {
    await fixture.createDriver(new FakeTransport(WITH_OFFSETS)).drive(createWake());
    expect((await fixture.db.settings.getServerProfile('https://scripted.test')).features).toEqual(WITH_OFFSETS);
  });

  it('sends a small upload before a giant, and the rest in queue order', async () => {
    const giant = await fixture.queueUpload(
      { files: [{ name: 'giant', type: '', sizeBytes: 12 * MIB, modifiedAt: 0 }] },
      12 * MIB,
    );
    const [a, b] = [
      await fixture.queueUpload({ plan: { way: 'direct' } }),
      await fixture.queueUpload({ plan: { way: 'direct' } }),
    ];
    await fixture.db.moveBefore(b, a);
    const transport = new FakeTransport(WITH_KEY);
    await fixture.createDriver(transport).drive(createWake());
    expect((await fixture.db.get(giant))?.status).toBe('completed');
    expect(transport.directUploads).toEqual([b, a]);
    expect(Math.max(...transport.chunksBeforeDirect)).toBeLessThan(CHUNKS);
  });

  it('aborts the siblings of a refused chunk before it stores the failure', async () => {
    const refused = new UploadError('refused', 'No room for this.', { status: 422, serverCode: 'no_room' });
    const transport = new FakeTransport(WITH_KEY, (index) => {
      if (index === 3) throw refused;
    });
    const upload = await fixture.queueAndDrive(transport);
    expect(upload).toMatchObject({ status: 'failed', code: 'no_room', message: 'No room for this.' });
    expect(transport.isIdle).toBe(true);
    expect(transport.startedChunks.length).toBeLessThan(CHUNKS);
  });

  it('ends at the deadline if a due chunk does not fit before it', async () => {
    const profile = await fixture.db.settings.getServerProfile('https://scripted.test');
    await fixture.db.settings.setServerProfile('https://scripted.test', {
      ...profile,
      features: WITH_OFFSETS,
      rateBytesPerSecond: 60_000,
    });
    const plan = { way: 'chunks', chunkBytes: MIB, ramp: [] } as const;
    await fixture.queueUpload({ plan }, 12 * MIB);
    const later = await fixture.queueUpload({ plan }, 12 * MIB);
    const wait = { reason: 'backoff', nextAttemptAt: Date.now() + 100, message: '' } as const;
    await fixture.db.update(later, (before) => withState(before, { status: 'waiting', wait }));
    let hasEnded = false;
    const exclusive: DriverDependencies['exclusive'] = async (_name, _signal, work) =>
      work().finally(() => (hasEnded = true));
    const driver = fixture.createDriver(new FakeTransport(WITH_OFFSETS), { exclusive });
    await driver.drive({ kind: 'sync', deadline: performance.now() + 1000 });
    await expect.poll(() => hasEnded).toBe(true);
  });

  it('sends a staged upload beside many that wait for staging', async () => {
    const plan = { way: 'chunks', chunkBytes: MIB, ramp: [] } as const;
    const partlyStaged = { sizeBytes: 12 * MIB, stagedBytes: 1, plan };
    for (let n = 0; n < 20; n++) await fixture.db.add(withState(createUpload(partlyStaged), { status: 'staging' }));
    const giant = { name: 'staged', type: '', sizeBytes: 12 * MIB, modifiedAt: 0 };
    const staged = await fixture.queueUpload({ files: [giant] }, giant.sizeBytes);
    const result = await fixture.createDriver(new FakeTransport(WITH_KEY)).drive(createWake());
    expect((await fixture.db.get(staged))?.status).toBe('completed');
    // Uploads that wait for staging need a page, not another wake.
    expect(result).toBe('drained');
  });

  it('removes the overdue uploads of every user and no others', async () => {
    const now = Date.now();
    const daysAgo = (days: number) => now - days * 24 * 60 * 60_000;
    const fail = (days: number) =>
      ({ status: 'failed', code: 'refused', message: 'No.', failedAt: daysAgo(days) }) as const;
    const overdue = await fixture.queueUpload({ ownerId: 'bob' });
    const kept = await fixture.queueUpload({ ownerId: 'bob' });
    await fixture.db.update(overdue, (before) => withState(before, fail(31)));
    await fixture.db.update(kept, (before) => withState(before, fail(29)));
    await fixture.createDriver(new FakeTransport(WITH_KEY)).drive(createWake());
    expect(await fixture.db.get(overdue)).toBeUndefined();
    expect(await fixture.db.pieces(overdue, 0, 1)).toEqual([]);
    expect(await fixture.db.get(kept)).toMatchObject({ status: 'failed' });
    expect(await fixture.db.pieces(kept, 0, 1)).toHaveLength(1);
  });
});
