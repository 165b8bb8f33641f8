import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryTransition } from '../../../../src/shared/retry-transition.ts';
import { CHUNKS, createWake, DriverFixture, FakeTransport, KEY_ONLY, WITH_KEY } from '../driver-fixture.ts';

describe('an upload whose final response names no batch', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it('asks the user at the basic level, then starts again from chunk 0', async () => {
    const transport = new FakeTransport([], undefined, { unnamed: 1 });
    const upload = await fixture.queueAndDrive(transport);
    expect(upload).toMatchObject({ status: 'waiting', wait: { reason: 'unconfirmed', code: 'no_batch_id' } });
    const id = upload?.id ?? '';
    await fixture.db.update(id, retryTransition);
    await fixture.createDriver(transport).drive(createWake());
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', generation: 1 });
    expect(transport.startedChunks.filter((index) => index === 0)).toHaveLength(2);
    expect(transport.startedChunks).toHaveLength(2 * CHUNKS);
  });

  it.each([
    ['a key', KEY_ONLY],
    ['queries', WITH_KEY],
  ])('fails at a server with %s, and starts again from chunk 0 on request', async (_what, features) => {
    const transport = new FakeTransport(features, undefined, { unnamed: 1 });
    const upload = await fixture.queueAndDrive(transport);
    expect(upload).toMatchObject({ status: 'failed', code: 'no_batch_id' });
    const id = upload?.id ?? '';
    await fixture.db.update(id, retryTransition);
    await fixture.createDriver(transport).drive(createWake());
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', generation: 1 });
    expect(transport.startedChunks.filter((index) => index === 0)).toHaveLength(2);
  });
});
