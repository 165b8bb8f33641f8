import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pauseTransition } from '../../../../src/page/queue/transitions.ts';
import { UploadError } from '../../../../src/shared/errors.ts';
import { getReadyState, type Upload, withState } from '../../../../src/shared/upload.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import type { DriverDependencies } from '../../../../sw/ports/ports.ts';
import { createUpload } from '../../../fixtures/upload.ts';
import { CHUNKS, createWake, DriverFixture, FakeTransport, WITH_KEY, WITH_OFFSETS } from '../driver-fixture.ts';

const MIB = 1024 * 1024;

const cancelled = (before: Upload) => withState(before, { status: 'cancelled', cancelledAt: 1 });

describe('the driver', () => {
  let desk: DriverFixture;

  beforeEach(async () => {
    desk = await DriverFixture.open();
  });

  afterEach(() => desk.close());

  it('sends chunk 0 alone, then never more than four at once', async () => {
    // The server answers only once four are there.
    const script: FakeTransport = new FakeTransport(WITH_KEY, async (index) => {
      while (index > 0 && script.mostInFlight < 4) await realClock.sleep(5);
    });
    expect((await desk.queueAndDrive(script))?.status).toBe('completed');
    expect(script.startedChunks[0]).toBe(0);
    expect(script.endedChunks[0]).toBe(0);
    expect(script.mostInFlight).toBe(4);
    expect([...script.startedChunks].sort((a, b) => a - b)).toEqual(
      Array.from({ length: CHUNKS }, (_, index) => index),
    );
  });

  it('sends the final chunk after all others where the server knows only the original', async () => {
    const script = new FakeTransport([]);
    expect((await desk.queueAndDrive(script))?.status).toBe('completed');
    expect(script.startedChunks.at(-1)).toBe(CHUNKS - 1);
    expect(script.endedChunks.slice(0, -1)).not.toContain(CHUNKS - 1);
  });

  it('starts with any chunks where an earlier answer said that each tells its place', async () => {
    await desk.queueAndDrive(new FakeTransport(WITH_OFFSETS));
    let beginAnother = () => {};
    const another = new Promise<void>((resolve) => {
      beginAnother = resolve;
    });
    // Chunk 0 is answered only once another has begun.
    const script = new FakeTransport(WITH_OFFSETS, (index) => (index === 0 ? another : beginAnother()));
    expect((await desk.queueAndDrive(script))?.status).toBe('completed');
    expect(script.startedChunks.slice(0, 4)).toEqual([0, 1, 2, 3]);
  });

  it('does not cut an upload anew for what the browser takes the link for', async () => {
    const endpoint = await desk.db.settings.getEndpoint();
    if (endpoint) await desk.db.settings.setEndpoint({ ...endpoint, chunkBytes: 4 * MIB });
    const id = await desk.queueUpload({}, CHUNKS * 4 * MIB);
    const script = new FakeTransport(WITH_OFFSETS);
    await desk.createDriver(script, { downlink: () => 20_000 }).drive(createWake());
    expect(await desk.db.get(id)).toMatchObject({ status: 'completed', generation: 0 });
    expect(script.startedChunks).toHaveLength(CHUNKS);
  });

  it('cuts smaller what fits no wake, with no tab open to try it all the same', async () => {
    const endpoint = await desk.db.settings.getEndpoint();
    if (endpoint) await desk.db.settings.setEndpoint({ ...endpoint, chunkBytes: 8 * MIB });
    const learned = await desk.db.settings.getServerProfile('https://scripted.test');
    await desk.db.settings.setServerProfile('https://scripted.test', {
      ...learned,
      features: WITH_OFFSETS,
      rateBytesPerSecond: 60_000,
    });
    const plan = { way: 'chunks', chunkBytes: 8 * MIB, ramp: [] } as const;
    const id = await desk.queueUpload({ plan }, 16 * MIB);
    const script = new FakeTransport(WITH_OFFSETS);
    await desk.createDriver(script).drive(createWake());
    expect(await desk.db.get(id)).toMatchObject({ status: 'completed', generation: 1, plan: { chunkBytes: MIB } });
  });

  it('ends its requests, and lets go of what it is asked for, when the database is taken from it', async () => {
    const id = await desk.queueUpload();
    let signal: AbortSignal | undefined;
    const script = new FakeTransport(WITH_KEY, (_index, given) => {
      signal = given;
      return realClock.sleep(60_000, given);
    });
    const driver = desk.createDriver(script);
    const driving = driver.drive(createWake());
    await expect.poll(() => signal).toBeDefined();
    desk.db.close();
    await driver.release([id]);
    expect(signal?.aborted).toBe(true);
    expect(await driving).toBe('work-left');
  });

  it('cuts nothing anew for a wake whose time is over', async () => {
    const learned = await desk.db.settings.getServerProfile('https://scripted.test');
    await desk.db.settings.setServerProfile('https://scripted.test', {
      ...learned,
      features: WITH_OFFSETS,
      rateBytesPerSecond: 60_000,
    });
    const id = await desk.queueUpload({ plan: { way: 'chunks', chunkBytes: 8 * MIB, ramp: [] } }, 16 * MIB);
    await desk.createDriver(new FakeTransport(WITH_OFFSETS)).drive({ kind: 'message', deadline: performance.now() });
    expect(await desk.db.get(id)).toMatchObject({ generation: 0, plan: { chunkBytes: 8 * MIB } });
  });

  it('asks a server that never answered what it knows, while there is nothing to send yet', async () => {
    await desk.createDriver(new FakeTransport(WITH_OFFSETS)).drive(createWake());
    expect((await desk.db.settings.getServerProfile('https://scripted.test')).features).toEqual(WITH_OFFSETS);
  });

  it('lets a small upload pass a giant, and the rest go in the user’s order', async () => {
    const giant = await desk.queueUpload(
      { files: [{ name: 'giant', type: '', sizeBytes: 12 * MIB, modifiedAt: 0 }] },
      12 * MIB,
    );
    const [a, b] = [
      await desk.queueUpload({ plan: { way: 'direct' } }),
      await desk.queueUpload({ plan: { way: 'direct' } }),
    ];
    await desk.db.moveBefore(b, a);
    const script = new FakeTransport(WITH_KEY);
    await desk.createDriver(script).drive(createWake());
    expect((await desk.db.get(giant))?.status).toBe('completed');
    expect(script.directUploads).toEqual([b, a]);
    expect(Math.max(...script.chunksBeforeDirect)).toBeLessThan(CHUNKS);
  });

  it('aborts the siblings of a refused chunk and waits for them before it speaks', async () => {
    const refused = new UploadError('refused', 'No room for this.', { status: 422, serverCode: 'no_room' });
    const script = new FakeTransport(WITH_KEY, (index) => {
      if (index === 3) throw refused;
    });
    const upload = await desk.queueAndDrive(script);
    expect(upload).toMatchObject({ status: 'failed', code: 'no_room', message: 'No room for this.' });
    expect(script.isIdle).toBe(true);
    expect(script.startedChunks.length).toBeLessThan(CHUNKS);
  });

  it.each([
    ['asks the user', 'the server knows only the original', [], 'waiting'],
    ['sends it again', 'the server knows keys', WITH_KEY, 'completed'],
  ])('%s when the final chunk left and its answer was never booked, where %s', async (_does, _where, features, end) => {
    const id = await desk.queueUpload();
    let isCut = false;
    const script = new FakeTransport(features, async (index, signal) => {
      if (index !== CHUNKS - 1 || isCut) return;
      isCut = true;
      await desk.db.update(id, (before) => withState(before, { status: 'paused' }));
      driver.hint(id);
      await realClock.sleep(1e9, signal);
    });
    const driver = desk.createDriver(script);
    await driver.drive(createWake());
    await desk.db.update(id, (before) => withState(before, getReadyState(before)));
    await driver.drive(createWake());
    expect((await desk.db.get(id))?.status).toBe(end);
    expect(script.startedChunks.filter((index) => index === CHUNKS - 1)).toHaveLength(end === 'waiting' ? 1 : 2);
  });

  it.each([
    ['completes', 'the server knows keys', WITH_KEY, 'completed'],
    ['cancels', 'the server knows only the original, which nobody can ask', [], 'cancelled'],
  ])(
    '%s what was cancelled while the answer with its batch was on its way, where %s',
    async (_does, _where, features, end) => {
      const id = await desk.queueUpload({ plan: { way: 'direct' } });
      const script = new FakeTransport(features, async (_index, signal) => {
        await desk.db.update(id, cancelled);
        driver.hint(id);
        await realClock.sleep(1e9, signal);
      });
      const driver = desk.createDriver(script);
      await driver.drive(createWake());
      expect(await desk.db.get(id)).toMatchObject({
        status: end,
        ...(end === 'completed' && { batch: { batch_id: id } }),
      });
      expect(await desk.db.pieces(id, 0, 1)).toEqual([]);
      expect(script.batchQueries).toEqual(end === 'completed' ? [id] : []);
    },
  );

  it('lets go of a request that never ends, once nobody wants it any more', async () => {
    const id = await desk.queueUpload();
    const script = new FakeTransport([], async () => {
      await desk.db.update(id, cancelled);
      driver.hint(id);
      await new Promise(() => undefined);
    });
    const driver = desk.createDriver(script);
    expect(await driver.drive(createWake())).toBe('drained');
    expect(await desk.db.pieces(id, 0, 1)).toEqual([]);
  });

  it('cancels what it never sent anything of without asking for it', async () => {
    const id = await desk.queueUpload({ plan: null });
    await desk.db.update(id, cancelled);
    const script = new FakeTransport(WITH_KEY);
    await desk.createDriver(script).drive(createWake());
    expect(await desk.db.pieces(id, 0, 1)).toEqual([]);
    expect(script.batchQueries).toEqual([]);
  });

  it('sends nothing more of a user once another is signed in', async () => {
    const id = await desk.queueUpload();
    let joined: Promise<unknown> | undefined;
    const script = new FakeTransport(WITH_KEY, async (index, signal) => {
      if (index === 0) return;
      await desk.db.settings.setCredentials({ userId: 'bob', accessToken: 't' });
      joined ??= driver.drive(createWake());
      // Without end unless it is aborted.
      await realClock.sleep(1e9, signal);
    });
    const driver = desk.createDriver(script);
    await driver.drive(createWake());
    await joined;
    expect(script.startedChunks.length).toBeLessThan(CHUNKS);
    expect(new Set(script.startedChunks).size).toBe(script.startedChunks.length);
    expect(script.isIdle).toBe(true);
    expect(await desk.db.get(id)).toMatchObject({ status: 'uploading' });
  });

  it('ends with its wake, also where something is due that does not fit into it', async () => {
    const learned = await desk.db.settings.getServerProfile('https://scripted.test');
    await desk.db.settings.setServerProfile('https://scripted.test', {
      ...learned,
      features: WITH_OFFSETS,
      rateBytesPerSecond: 60_000,
    });
    const plan = { way: 'chunks', chunkBytes: MIB, ramp: [] } as const;
    await desk.queueUpload({ plan }, 12 * MIB);
    const later = await desk.queueUpload({ plan }, 12 * MIB);
    const wait = { reason: 'backoff', nextAttemptAt: Date.now() + 100, message: '' } as const;
    await desk.db.update(later, (before) => withState(before, { status: 'waiting', wait }));
    let isOver = false;
    const exclusive: DriverDependencies['exclusive'] = async (_name, _signal, work) =>
      work().finally(() => (isOver = true));
    const driver = desk.createDriver(new FakeTransport(WITH_OFFSETS), { exclusive });
    await driver.drive({ kind: 'sync', deadline: performance.now() + 1000 });
    await expect.poll(() => isOver).toBe(true);
  });

  it('hears what is said while it goes over to the uploads of another user', async () => {
    await desk.queueUpload();
    const his = await desk.queueUpload({ ownerId: 'bob' });
    const script: FakeTransport = new FakeTransport(WITH_KEY, async (index, signal) => {
      if (index === 0) return;
      const isHis = script.startedChunks.filter((begun) => begun === 0).length > 1;
      if (isHis) await desk.db.update(his, pauseTransition);
      else await desk.db.settings.setCredentials({ userId: 'bob', accessToken: 't' });
      if (isHis) driver.hint(his);
      else void driver.drive(createWake());
      // Without end unless it is aborted.
      await realClock.sleep(1e9, signal);
    });
    const driver = desk.createDriver(script);
    // Between the two runs it is looked where to send.
    const { settings } = desk.db;
    const endpoint = settings.getEndpoint.bind(settings);
    vi.spyOn(settings, 'getEndpoint').mockImplementation(() => {
      void driver.drive(createWake());
      return endpoint();
    });
    await driver.drive(createWake());
    expect((await desk.db.get(his))?.status).toBe('paused');
    expect(script.isIdle).toBe(true);
  });

  it('sends what is copied whole beside many uploads that wait for their copy', async () => {
    const plan = { way: 'chunks', chunkBytes: MIB, ramp: [] } as const;
    const half = { sizeBytes: 12 * MIB, stagedBytes: 1, plan };
    for (let n = 0; n < 20; n++) await desk.db.add(withState(createUpload(half), { status: 'staging' }));
    const giant = { name: 'whole', type: '', sizeBytes: 12 * MIB, modifiedAt: 0 };
    const whole = await desk.queueUpload({ files: [giant] }, giant.sizeBytes);
    const outcome = await desk.createDriver(new FakeTransport(WITH_KEY)).drive(createWake());
    expect((await desk.db.get(whole))?.status).toBe('completed');
    // Nobody is woken for what only a page can go on with.
    expect(outcome).toBe('drained');
  });

  it('does not count what an older generation acknowledges', async () => {
    const upload = createUpload({ generation: 2 });
    await desk.db.add(upload);
    const receipt = { uploadId: upload.id, generation: 1, index: 0, sizeBytes: 10 };
    expect(await desk.db.addReceipt(receipt, () => null)).toBeUndefined();
    expect(await desk.db.receipts(upload.id, 1)).toEqual([]);
  });

  it('keeps no receipt of what became a batch, however late an answer comes', async () => {
    const upload = await desk.queueAndDrive(new FakeTransport(WITH_KEY));
    expect(upload?.status).toBe('completed');
    const receipt = { uploadId: upload?.id ?? '', generation: 0, index: 0, sizeBytes: 10 };
    expect(await desk.db.addReceipt(receipt, () => null)).toBeUndefined();
    await desk.db.replaceReceipts(receipt.uploadId, 0, [receipt]);
    expect(await desk.db.receipts(receipt.uploadId, 0)).toEqual([]);
  });

  it('forgets what was kept long enough, whoever it belongs to, and nothing else', async () => {
    const now = Date.now();
    const at = (days: number) => now - days * 24 * 60 * 60_000;
    const fail = (days: number) => ({ status: 'failed', code: 'refused', message: 'No.', failedAt: at(days) }) as const;
    const gone = await desk.queueUpload({ ownerId: 'bob' });
    const kept = await desk.queueUpload({ ownerId: 'bob' });
    await desk.db.update(gone, (before) => withState(before, fail(31)));
    await desk.db.update(kept, (before) => withState(before, fail(29)));
    await desk.createDriver(new FakeTransport(WITH_KEY)).drive(createWake());
    expect(await desk.db.get(gone)).toBeUndefined();
    expect(await desk.db.pieces(gone, 0, 1)).toEqual([]);
    expect(await desk.db.get(kept)).toMatchObject({ status: 'failed' });
    expect(await desk.db.pieces(kept, 0, 1)).toHaveLength(1);
  });
});
