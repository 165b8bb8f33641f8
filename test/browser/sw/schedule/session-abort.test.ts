import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelTransition } from '../../../../src/page/queue/transitions.ts';
import { type ErrorCode, UploadError } from '../../../../src/shared/errors.ts';
import { createWake, DriverFixture, FakeTransport, WITH_KEY } from '../driver-fixture.ts';

describe('Driver: aborting the session of a cancelled upload', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
    // A first upload, by which the driver discovers the server.
    await fixture.queueAndDrive(new FakeTransport(WITH_KEY));
  });

  afterEach(() => fixture.close());

  /** Cancels an upload and drives twice; counts the abort requests, which fail with this error. */
  async function cancel(code: ErrorCode, status: number): Promise<{ id: string; abortRequests: number }> {
    const id = await fixture.queueUpload({ session: { id: 'session' } });
    await fixture.db.update(id, cancelTransition);
    let abortRequests = 0;
    const transport = new FakeTransport(WITH_KEY);
    transport.abort = async () => {
      abortRequests++;
      throw new UploadError(code, 'In the server’s words.', { status });
    };
    for (let wakes = 0; wakes < 2; wakes++) await fixture.createDriver(transport).drive(createWake());
    return { id, abortRequests };
  }

  it.each([
    ['refused', 403],
    ['refused', 405],
    ['conflict', 409],
  ] as const)('sends one request if the server refuses (%s, %i), and frees the bytes', async (code, status) => {
    const { id, abortRequests } = await cancel(code, status);
    expect(abortRequests).toBe(1);
    expect(await fixture.db.get(id)).toMatchObject({ status: 'cancelled', session: null, stagedBytes: 0 });
    expect(await fixture.db.pieces(id, 0, 1)).toEqual([]);
  });

  it('sends another request later if the credentials have expired', async () => {
    const { id, abortRequests } = await cancel('unauthorized', 401);
    expect(abortRequests).toBe(1);
    const upload = await fixture.db.get(id);
    expect(upload).toMatchObject({ status: 'cancelled', session: { id: 'session' } });
    expect(upload?.status === 'cancelled' && upload.nextAttemptAt).toBeGreaterThan(Date.now());
  });
});
