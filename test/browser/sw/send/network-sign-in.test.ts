import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadError } from '../../../../src/shared/errors.ts';
import type { Notice } from '../../../../src/shared/messages.ts';
import { fastClock } from '../../../fixtures/fast-clock.ts';
import { createWake, DriverFixture, FakeTransport, WITH_KEY } from '../driver-fixture.ts';

const network = () => new UploadError('network', 'The server could not be reached.');
const signIn = () => new UploadError('network_sign_in', 'Your network asks you to sign in.');

describe('a network that asks for a sign-in', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it('holds uploads back with the reason, and sends them after the sign-in', async () => {
    const id = await fixture.queueUpload();
    const notices: Notice[] = [];
    let isSignedIn = false;
    const askForSignIn = () => {
      if (!isSignedIn) throw signIn();
    };
    const transport: FakeTransport = new FakeTransport(WITH_KEY, askForSignIn, { probe: askForSignIn });
    const post = async (notice: Notice) => void notices.push(notice);
    const tabs = { post, count: async () => 1, hasVisible: async () => false };
    const driving = fixture.createDriver(transport, { tabs }).drive(createWake());
    await expect.poll(() => fixture.db.get(id)).toMatchObject({ wait: { reason: 'backoff', code: 'network_sign_in' } });
    const requests = transport.startedChunks.length;
    await expect.poll(() => transport.probes).toBeGreaterThan(3);
    expect(transport.startedChunks).toHaveLength(requests);
    isSignedIn = true;
    await driving;
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', generation: 0 });
    const problems = notices.flatMap((notice) => (notice.type === 'link' ? [notice.problem] : []));
    expect(problems).toEqual(['network_sign_in', null]);
  });

  it('differs from an outage that came before it', async () => {
    const id = await fixture.queueUpload();
    const state: { failure: (() => UploadError) | null } = { failure: network };
    const fail = () => {
      if (state.failure) throw state.failure();
    };
    const transport = new FakeTransport(WITH_KEY, fail, { probe: fail });
    const driver = fixture.createDriver(transport, { clock: fastClock });
    const driving = driver.drive({ kind: 'message', deadline: fastClock.ticks() + 600_000 });
    await expect.poll(() => fixture.db.get(id)).toMatchObject({ wait: { reason: 'backoff', code: 'network' } });
    state.failure = signIn;
    await expect.poll(() => fixture.db.get(id)).toMatchObject({ wait: { reason: 'backoff', code: 'network_sign_in' } });
    state.failure = null;
    await driving;
    expect((await fixture.db.get(id))?.status).toBe('completed');
  });
});
