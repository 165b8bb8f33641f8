import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ErrorCode, type ErrorDetails, UploadError } from '../../../../src/shared/errors.ts';
import { CHUNKS, createWake, DriverFixture, FakeTransport, WITH_KEY } from '../driver-fixture.ts';

const KIB = 1024;

const failed = (code: ErrorCode, facts: ErrorDetails = {}) => new UploadError(code, 'In the server’s words.', facts);

/** A server that fails chunk 3 with these, one after the other, and takes it then. */
function failing(errors: readonly UploadError[]): FakeTransport {
  const left = [...errors];
  return new FakeTransport(WITH_KEY, (index) => {
    const error = index === 3 ? left.shift() : undefined;
    if (error) throw error;
  });
}

const timesBegun = (script: FakeTransport, wanted: number) =>
  script.startedChunks.filter((index) => index === wanted).length;

describe('a failed chunk', () => {
  let desk: DriverFixture;

  beforeEach(async () => {
    desk = await DriverFixture.open();
  });

  afterEach(() => desk.close());

  it.each([
    ['network', {}],
    ['stalled', {}],
    ['server_busy', { status: 503 }],
    ['bad_response', { status: 200 }],
    ['checksum', { status: 422, serverCode: 'checksum_mismatch' }],
  ] as const)('is sent again after %s, and no other is', async (code, facts) => {
    const script = failing([failed(code, facts), failed(code, facts)]);
    expect(await desk.queueAndDrive(script)).toMatchObject({ status: 'completed', generation: 0 });
    expect(timesBegun(script, 3)).toBe(3);
    expect(script.startedChunks).toHaveLength(CHUNKS + 2);
  });

  it.each([
    ['in chunks', undefined],
    ['in one request', { way: 'direct' } as const],
  ])('has its file asked for where the copy of it cannot be read any more, %s', async (_way, plan) => {
    // What Chromium 156 says where the file behind a Blob is gone; a request of it fails as if there were no network.
    const reading = vi
      .spyOn(Blob.prototype, 'arrayBuffer')
      .mockRejectedValue(new DOMException('Gone.', 'NotFoundError'));
    const id = await desk.queueUpload(plan && { plan });
    await desk.createDriver(new FakeTransport(WITH_KEY, () => Promise.reject(failed('network')))).drive(createWake());
    reading.mockRestore();
    expect(await desk.db.get(id)).toMatchObject({ status: 'waiting', wait: { reason: 'file' }, stagedBytes: 0 });
  });

  it('stands in the ledger when it is out of attempts, and goes on in the next round', async () => {
    const script = failing([failed('network'), failed('network'), failed('network')]);
    const upload = await desk.queueAndDrive(script);
    expect(upload).toMatchObject({ status: 'completed', generation: 0, failures: 0 });
    expect(desk.failedChunks).toEqual([{ uploadId: upload?.id, generation: 0, index: 3 }]);
    expect(script.startedChunks).toHaveLength(CHUNKS + 3);
  });

  it.each([
    ['refused', { status: 400, serverCode: 'bad_field' }, 'bad_field'],
    ['refused', { status: 507 }, 'refused'],
    ['refused', { status: 501 }, 'refused'],
    ['conflict', { status: 409, serverCode: 'total_changed' }, 'total_changed'],
  ] as const)(
    'ends its upload with the server’s words after %s %o, however often it is the answer',
    async (code, facts, said) => {
      const script = failing(Array.from({ length: 9 }, () => failed(code, facts)));
      expect(await desk.queueAndDrive(script)).toMatchObject({
        status: 'failed',
        code: said,
        message: 'In the server’s words.',
      });
    },
  );

  it('has the server asked what it has after a 409, and only the rest is sent', async () => {
    const script = failing([failed('conflict', { status: 409 })]);
    expect(await desk.queueAndDrive(script)).toMatchObject({ status: 'completed', generation: 0 });
    expect(script.statusRequests).toBe(1);
    expect(new Set(script.endedChunks).size).toBe(script.endedChunks.length);
  });

  it('has its upload cut into chunks of half the size after a 413, and later ones too', async () => {
    const script = failing([failed('too_large', { status: 413 })]);
    const id = await desk.queueUpload({}, CHUNKS * 600 * KIB);
    await desk.createDriver(script).drive(createWake());
    const halved = { way: 'chunks', chunkBytes: 300 * KIB, ramp: [] };
    expect(await desk.db.get(id)).toMatchObject({ status: 'completed', generation: 1, plan: halved });
    expect(await desk.db.settings.getServerProfile('https://scripted.test')).toMatchObject({
      maxChunkBytes: 300 * KIB,
    });
  });

  it('restarts its upload once when the session is gone', async () => {
    const script = failing([failed('not_found', { status: 404 })]);
    expect(await desk.queueAndDrive(script)).toMatchObject({ status: 'completed', generation: 1 });
    expect(timesBegun(script, 0)).toBe(2);
  });

  it('fails when session after session is gone before anything new was acknowledged', async () => {
    const script = new FakeTransport(WITH_KEY, (index) => {
      if (index > 0) throw failed('not_found', { status: 404 });
    });
    expect(await desk.queueAndDrive(script)).toMatchObject({ status: 'failed', generation: 1 });
  });

  it('has its upload copied and sent anew when the copy is lost: the file may have become another meanwhile', async () => {
    const script = failing([failed('unreadable_file')]);
    const upload = await desk.queueAndDrive(script);
    expect(upload).toMatchObject({ status: 'waiting', wait: { reason: 'file' }, stagedBytes: 0 });
    expect(upload).toMatchObject({ generation: 1, session: null });
  });

  it('waits for a sign-in when no token is to be had', async () => {
    const script = failing([failed('unauthorized', { status: 401 })]);
    expect(await desk.queueAndDrive(script)).toMatchObject({ status: 'waiting', wait: { reason: 'sign-in' } });
  });
});
