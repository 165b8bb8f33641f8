import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelTransition } from '../../../../src/page/queue/transitions.ts';
import { UploadError } from '../../../../src/shared/errors.ts';
import { withState } from '../../../../src/shared/upload.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import { createWake, DriverFixture, FakeTransport, WITH_OFFSETS } from '../driver-fixture.ts';

const MIB = 1024 * 1024;
const FEATURES = [...WITH_OFFSETS, 'file_size', 'recut'];

/** A server that answers the discovery when the test says so. */
class SlowlyDiscovered extends FakeTransport {
  attempts = 0;
  #answer: (error?: UploadError) => void = () => undefined;

  override async discover(): Promise<void> {
    this.attempts++;
    await new Promise<void>((resolve, reject) => {
      this.#answer = (error) => (error ? reject(error) : resolve());
    });
    await super.discover();
  }

  answer(error?: UploadError): void {
    this.#answer(error);
  }
}

describe('discovery of an unknown server', () => {
  let fixture: DriverFixture;
  let transport: SlowlyDiscovered;
  let rounds = 0;
  let addedMs = 0;
  /** Its time moves as the test says, beside the real time divided by 100. */
  const clock = {
    ...realClock,
    random: () => 0,
    ticks: () => performance.now() / 100 + addedMs,
    sleep: async (delayMs: number, signal?: AbortSignal) => {
      rounds++;
      // The time limit of the wake stays.
      await realClock.sleep(delayMs > 20_000 ? delayMs : Math.min(delayMs, 10), signal);
    },
  };

  beforeEach(async () => {
    fixture = await DriverFixture.open();
    const endpoint = await fixture.db.settings.getEndpoint();
    if (endpoint) await fixture.db.settings.setEndpoint({ ...endpoint, chunkBytes: 4 * MIB });
    transport = new SlowlyDiscovered(FEATURES);
    addedMs = 0;
  });

  afterEach(() => fixture.close());

  /** Starts to drive an upload whose way depends on the server. */
  async function start() {
    const id = await fixture.queueUpload({ plan: null }, 24 * MIB);
    const driving = fixture
      .createDriver(transport, { clock })
      .drive({ ...createWake(), deadline: clock.ticks() + 60_000 });
    await expect.poll(() => transport.attempts).toBe(1);
    return { id, driving };
  }

  async function passMs(ms: number): Promise<void> {
    addedMs += ms;
    const before = rounds;
    await expect.poll(() => rounds).toBeGreaterThan(before + 5);
  }

  it('delays the plan of an upload for up to 3 s', async () => {
    const { id, driving } = await start();
    await passMs(2500);
    expect(transport.startedChunks).toEqual([]);
    expect((await fixture.db.get(id))?.plan).toBeNull();
    transport.answer();
    await driving;
    const upload = await fixture.db.get(id);
    expect(upload).toMatchObject({ status: 'completed', generation: 0 });
    // The basic level has equal chunks.
    expect(upload?.plan).toMatchObject({ ramp: expect.arrayContaining([expect.anything()]) });
  });

  it('delays nothing after 3 s', async () => {
    const { id, driving } = await start();
    addedMs += 3100;
    await expect.poll(() => transport.startedChunks).not.toEqual([]);
    transport.answer();
    await driving;
    expect((await fixture.db.get(id))?.status).toBe('completed');
  });

  it('delays nothing at a server that cannot be reached', async () => {
    const { driving } = await start();
    transport.answer(new UploadError('network', 'The server could not be reached.'));
    await expect.poll(() => transport.startedChunks).not.toEqual([]);
    await driving;
  });

  it('is repeated after an answer that is not of the API', async () => {
    const id = await fixture.queueUpload();
    const wait = { reason: 'backoff', nextAttemptAt: clock.now() + 20_000, message: 'Words.' } as const;
    await fixture.db.update(id, (before) => withState(before, { status: 'waiting', wait }));
    const driving = fixture
      .createDriver(transport, { clock })
      .drive({ ...createWake(), deadline: clock.ticks() + 60_000 });
    await expect.poll(() => transport.attempts).toBe(1);
    transport.answer(new UploadError('bad_response', 'Unexpected response from the server.'));
    await expect.poll(() => transport.attempts).toBe(2);
    transport.answer();
    await expect.poll(() => transport.isDiscovered).toBe(true);
    await fixture.db.update(id, cancelTransition);
    addedMs += 60_000;
    await driving;
  });
});
