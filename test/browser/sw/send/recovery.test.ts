import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pauseTransition } from '../../../../src/page/queue/transitions.ts';
import { type ErrorCode, type ErrorDetails, UploadError } from '../../../../src/shared/errors.ts';
import { getReadyState, withState } from '../../../../src/shared/upload.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import { CHUNKS, createWake, DriverFixture, FakeTransport, KEY_ONLY, WITH_KEY } from '../driver-fixture.ts';

const KIB = 1024;

const failed = (code: ErrorCode, facts: ErrorDetails = {}) => new UploadError(code, 'In the server’s words.', facts);

/** Fails each attempt of chunk 3 with the next of these errors, then accepts it. */
function failing(errors: readonly UploadError[]): FakeTransport {
  const remaining = [...errors];
  return new FakeTransport(WITH_KEY, (index) => {
    const error = index === 3 ? remaining.shift() : undefined;
    if (error) throw error;
  });
}

const countAttempts = (transport: FakeTransport, wanted: number) =>
  transport.startedChunks.filter((index) => index === wanted).length;

describe('recovery of a failed chunk', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it.each([
    ['network', {}],
    ['stalled', {}],
    ['server_busy', { status: 503 }],
    ['bad_response', { status: 200 }],
    ['checksum', { status: 422, serverCode: 'checksum_mismatch' }],
  ] as const)('sends only the failed chunk again after %s', async (code, facts) => {
    const transport = failing([failed(code, facts), failed(code, facts)]);
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'completed', generation: 0 });
    expect(countAttempts(transport, 3)).toBe(3);
    expect(transport.startedChunks).toHaveLength(CHUNKS + 2);
  });

  it.each([
    ['in chunks', undefined],
    ['in one request', { way: 'direct' } as const],
  ])('asks for the file if its staged bytes are unreadable, %s', async (_way, plan) => {
    // Chromium 156 rejects so if the file behind a Blob is gone; a request with it fails like one
    // without a network.
    const reading = vi
      .spyOn(Blob.prototype, 'arrayBuffer')
      .mockRejectedValue(new DOMException('Gone.', 'NotFoundError'));
    const id = await fixture.queueUpload(plan && { plan });
    await fixture
      .createDriver(new FakeTransport(WITH_KEY, () => Promise.reject(failed('network'))))
      .drive(createWake());
    reading.mockRestore();
    expect(await fixture.db.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' }, stagedBytes: 0 });
  });

  it('queues a chunk that is out of attempts, and sends it a round later', async () => {
    const transport = failing([failed('network'), failed('network'), failed('network')]);
    const upload = await fixture.queueAndDrive(transport);
    expect(upload).toMatchObject({ status: 'completed', generation: 0, failures: 0 });
    expect(fixture.failedChunks).toEqual([{ uploadId: upload?.id, generation: 0, index: 3 }]);
    expect(transport.startedChunks).toHaveLength(CHUNKS + 3);
  });

  it.each([
    ['refused', { status: 400, serverCode: 'bad_field' }, 'bad_field'],
    ['refused', { status: 501 }, 'refused'],
    ['conflict', { status: 409, serverCode: 'total_changed' }, 'total_changed'],
  ] as const)('fails with the code of the server after %s %o', async (code, facts, serverCode) => {
    const transport = failing(Array.from({ length: 9 }, () => failed(code, facts)));
    expect(await fixture.queueAndDrive(transport)).toMatchObject({
      status: 'failed',
      code: serverCode,
      message: 'In the server’s words.',
    });
  });

  it('waits as long as a full server asks, then completes', async () => {
    const now = Date.now();
    let isSetForward = false;
    const clock = { ...realClock, random: () => 0, now: () => Date.now() + (isSetForward ? 300_000 : 0) };
    const facts = { status: 507, serverCode: 'disk_full', retryAfterMs: 300_000 };
    const transport = failing([failed('server_full', facts)]);
    const upload = await fixture.queueAndDrive(transport, { clock });
    expect(upload).toMatchObject({ status: 'waiting', wait: { reason: 'backoff', code: 'disk_full' } });
    expect(
      upload?.status === 'waiting' && upload.wait.reason === 'backoff' && upload.wait.nextAttemptAt - now,
    ).toBeGreaterThanOrEqual(300_000);
    isSetForward = true;
    await fixture.createDriver(transport, { clock }).drive(createWake());
    expect(await fixture.db.get(upload?.id ?? '')).toMatchObject({ status: 'completed', generation: 0 });
  });

  it('asks the server after 409, and sends only the chunks it lacks', async () => {
    const transport = failing([failed('conflict', { status: 409 })]);
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'completed', generation: 0 });
    expect(transport.statusRequests).toBe(1);
    expect(new Set(transport.endedChunks).size).toBe(transport.endedChunks.length);
  });

  it('halves the chunks of this and later uploads after 413', async () => {
    const transport = failing([failed('too_large', { status: 413 })]);
    const id = await fixture.queueUpload({}, CHUNKS * 600 * KIB);
    await fixture.createDriver(transport).drive(createWake());
    const halved = { way: 'chunks', chunkBytes: 300 * KIB, ramp: [] };
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', generation: 1, plan: halved });
    expect(await fixture.db.settings.getServerProfile('https://scripted.test')).toMatchObject({
      maxChunkBytes: 300 * KIB,
    });
  });

  it('restarts an upload whose session the server has lost', async () => {
    const transport = failing([failed('not_found', { status: 404 })]);
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'completed', generation: 1 });
    expect(countAttempts(transport, 0)).toBe(2);
  });

  it('fails when the server loses a second session without progress', async () => {
    const transport = new FakeTransport(WITH_KEY, (index) => {
      if (index > 0) throw failed('not_found', { status: 404 });
    });
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'failed', generation: 1 });
  });

  it('stages and sends an upload again after its bytes were lost', async () => {
    const transport = failing([failed('unreadable_file')]);
    const upload = await fixture.queueAndDrive(transport);
    expect(upload).toMatchObject({ status: 'waiting', wait: { reason: 'file' }, stagedBytes: 0 });
    expect(upload).toMatchObject({ generation: 1, session: null });
  });

  it.each(['gateway_error', 'internal_error'] as const)('sends a chunk again after %s', async (code) => {
    const transport = failing([failed(code)]);
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'completed', generation: 0 });
    expect(countAttempts(transport, 3)).toBe(2);
  });

  it('sends a form again at once after the server rejected its fields', async () => {
    const transport = failing([failed('form_rejected')]);
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'completed', generation: 0 });
    expect(countAttempts(transport, 3)).toBe(2);
  });

  it('waits for sign-in if credentials cannot be renewed', async () => {
    const transport = failing([failed('unauthorized', { status: 401 })]);
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'waiting', wait: { reason: 'sign-in' } });
  });
});

describe('a server with a key but without status', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it('fails an upload after 409, because nothing can be queried', async () => {
    const transport = new FakeTransport(KEY_ONLY, (index) => {
      if (index === 3) throw failed('conflict', { serverCode: 'total_changed' });
    });
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'failed', code: 'total_changed' });
    expect(transport.statusRequests).toBe(0);
  });

  it('resumes by the receipts and sends only the remaining chunks', async () => {
    const id = await fixture.queueUpload();
    let isPaused = false;
    const transport = new FakeTransport(KEY_ONLY, async (index) => {
      if (index !== 5 || isPaused) return;
      isPaused = true;
      await fixture.db.update(id, pauseTransition);
      driver.hint(id);
      await new Promise(() => undefined);
    });
    const driver = fixture.createDriver(transport);
    await driver.drive(createWake());
    const acknowledged = await fixture.db.listAcknowledged(id, 0);
    await fixture.db.update(id, (before) => withState(before, getReadyState(before)));
    await driver.drive(createWake());
    expect((await fixture.db.get(id))?.status).toBe('completed');
    expect(acknowledged).toContain(0);
    expect(acknowledged.map((index) => countAttempts(transport, index))).toEqual(acknowledged.map(() => 1));
    expect(transport.statusRequests).toBe(0);
  });

  it('sends the final chunk again after a lost response, without asking', async () => {
    let isLost = false;
    const transport = new FakeTransport(KEY_ONLY, (index) => {
      if (index !== CHUNKS - 1 || isLost) return;
      isLost = true;
      throw failed('network');
    });
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'completed', generation: 0 });
    expect(countAttempts(transport, CHUNKS - 1)).toBe(2);
  });

  it('fails instead of hanging if every chunk is acknowledged but no batch', async () => {
    const id = await fixture.queueUpload({ session: { id: 'session' } });
    for (let index = 0; index < CHUNKS; index++) {
      await fixture.db.addReceipt({ uploadId: id, generation: 0, index, sizeBytes: 10 }, () => null);
    }
    const transport = new FakeTransport(KEY_ONLY);
    await fixture.createDriver(transport).drive(createWake());
    expect(await fixture.db.get(id)).toMatchObject({ status: 'failed', code: 'no_batch_id' });
    expect(transport.startedChunks).toEqual([]);
  });
});
