import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_REQUEST_BYTES } from '../../../../src/shared/chunks.ts';
import { createUpload } from '../../../fixtures/upload.ts';
import { createWake, DriverFixture, FakeTransport, WITH_FILE_LISTS, WITH_OFFSETS } from '../driver-fixture.ts';

describe('an upload of many files', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it('sends many files in chunks after an unknown server listed file_list', async () => {
    const transport = new FakeTransport(WITH_FILE_LISTS);
    const id = await fixture.queueUpload({ fileCount: 3, plan: null });
    await fixture.createDriver(transport).drive(createWake());
    expect((await fixture.db.get(id))?.status).toBe('completed');
    expect(transport.directUploads).toEqual([]);
    expect(transport.listedChunks).toEqual([0]);
    expect(transport.endedChunks).toEqual([0]);
  });

  it('sends many files whole to a server without file lists', async () => {
    const transport = new FakeTransport(WITH_OFFSETS);
    const id = await fixture.queueUpload({ fileCount: 3, plan: null });
    await fixture.createDriver(transport).drive(createWake());
    expect((await fixture.db.get(id))?.status).toBe('completed');
    expect([transport.directUploads, transport.startedChunks]).toEqual([[id], []]);
  });

  it.each([
    ['whole', { way: 'direct' }, WITH_FILE_LISTS, 'chunks'],
    ['in chunks', { way: 'chunks', chunkBytes: 10, ramp: [] }, WITH_OFFSETS, 'direct'],
  ] as const)('replaces the plan of many files that the server does not take %s', async (_, plan, features, way) => {
    const transport = new FakeTransport(features);
    const id = await fixture.queueUpload({ fileCount: 3, plan });
    await fixture.createDriver(transport).drive(createWake());
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', generation: 1, plan: { way } });
    expect(transport.directUploads).toHaveLength(way === 'direct' ? 1 : 0);
  });

  it('fails a batch that one request cannot carry, and keeps its bytes', async () => {
    const transport = new FakeTransport(WITH_OFFSETS);
    const { id } = await fixture.db.add(createUpload({ sizeBytes: MAX_REQUEST_BYTES + 1, fileCount: 3 }));
    await fixture.createDriver(transport).drive(createWake());
    const facts = { status: 'failed', code: 'batch_too_large', stagedBytes: MAX_REQUEST_BYTES + 1 };
    expect(await fixture.db.get(id)).toMatchObject(facts);
    expect([transport.directUploads, transport.startedChunks]).toEqual([[], []]);
  });
});
