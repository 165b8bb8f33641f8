import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelTransition } from '../../../../src/page/queue/transitions.ts';
import { type ErrorCode, UploadError } from '../../../../src/shared/errors.ts';
import { createWake, DriverFixture, FakeTransport, WITH_KEY } from '../driver-fixture.ts';

describe('when the server is told that an upload was cancelled', () => {
  let desk: DriverFixture;

  beforeEach(async () => {
    desk = await DriverFixture.open();
    // What an exact server is known by.
    await desk.queueAndDrive(new FakeTransport(WITH_KEY));
  });

  afterEach(() => desk.close());

  /** Cancels an upload with a session and drives twice; how often the server was told, with what it says to it. */
  async function cancel(code: ErrorCode, status: number): Promise<{ id: string; told: number }> {
    const id = await desk.queueUpload({ session: { id: 'session' } });
    await desk.db.update(id, cancelTransition);
    let told = 0;
    const script = new FakeTransport(WITH_KEY);
    script.abort = async () => {
      told++;
      throw new UploadError(code, 'In the server’s words.', { status });
    };
    for (let wakes = 0; wakes < 2; wakes++) await desk.createDriver(script).drive(createWake());
    return { id, told };
  }

  it.each([
    ['refused', 403],
    ['refused', 405],
    ['conflict', 409],
  ] as const)('and says no (%s, %i), it is told once, and nothing of it is kept here', async (code, status) => {
    const { id, told } = await cancel(code, status);
    expect(told).toBe(1);
    expect(await desk.db.get(id)).toMatchObject({ status: 'cancelled', session: null, stagedBytes: 0 });
    expect(await desk.db.pieces(id, 0, 1)).toEqual([]);
  });

  it('and wants another token, it is told again, but not at once', async () => {
    const { id, told } = await cancel('unauthorized', 401);
    expect(told).toBe(1);
    const upload = await desk.db.get(id);
    expect(upload).toMatchObject({ status: 'cancelled', session: { id: 'session' } });
    expect(upload?.status === 'cancelled' && upload.nextAttemptAt).toBeGreaterThan(Date.now());
  });
});
