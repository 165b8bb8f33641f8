import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pauseTransition } from '../../../../src/page/queue/transitions.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import { CHUNKS, createWake, DriverFixture, FakeTransport, WITH_KEY } from '../driver-fixture.ts';

describe('Driver: change of user', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it('stops sending the uploads of a user when another user signs in', async () => {
    const id = await fixture.queueUpload();
    let joined: Promise<unknown> | undefined;
    const transport = new FakeTransport(WITH_KEY, async (index, signal) => {
      if (index === 0) return;
      await fixture.db.settings.setCredentials({ userId: 'bob', accessToken: 't' });
      joined ??= driver.drive(createWake());
      // The request ends only when it is aborted.
      await realClock.sleep(1e9, signal);
    });
    const driver = fixture.createDriver(transport);
    await driver.drive(createWake());
    await joined;
    expect(transport.startedChunks.length).toBeLessThan(CHUNKS);
    expect(new Set(transport.startedChunks).size).toBe(transport.startedChunks.length);
    expect(transport.isIdle).toBe(true);
    expect(await fixture.db.get(id)).toMatchObject({ status: 'uploading' });
  });

  it('applies a hint that arrives while it changes to another user', async () => {
    await fixture.queueUpload();
    const bobsId = await fixture.queueUpload({ ownerId: 'bob' });
    const transport: FakeTransport = new FakeTransport(WITH_KEY, async (index, signal) => {
      if (index === 0) return;
      const isBobs = transport.startedChunks.filter((index) => index === 0).length > 1;
      if (isBobs) await fixture.db.update(bobsId, pauseTransition);
      else await fixture.db.settings.setCredentials({ userId: 'bob', accessToken: 't' });
      if (isBobs) driver.hint(bobsId);
      else void driver.drive(createWake());
      // The request ends only when it is aborted.
      await realClock.sleep(1e9, signal);
    });
    const driver = fixture.createDriver(transport);
    // The driver reads the endpoint between the two runs.
    const { settings } = fixture.db;
    const endpoint = settings.getEndpoint.bind(settings);
    vi.spyOn(settings, 'getEndpoint').mockImplementation(() => {
      void driver.drive(createWake());
      return endpoint();
    });
    await driver.drive(createWake());
    expect((await fixture.db.get(bobsId))?.status).toBe('paused');
    expect(transport.isIdle).toBe(true);
  });
});
