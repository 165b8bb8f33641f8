import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadError } from '../../../../src/shared/errors.ts';
import type { Upload } from '../../../../src/shared/upload.ts';
import { createWake, DriverFixture, FakeTransport, KEY_ONLY, type LinkFaults } from '../driver-fixture.ts';

const WITH_BUNDLES = [...KEY_ONLY, 'bundle'];
const PIECE_BYTES = 8 * 1024 * 1024;

describe('bundles', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  /** Queues uploads of these sizes, and drives once. */
  async function drive(transport: FakeTransport, sizes: readonly number[]): Promise<(Upload | undefined)[]> {
    const ids: string[] = [];
    for (const size of sizes) ids.push(await fixture.queueUpload({ plan: null }, size));
    await fixture.createDriver(transport).drive(createWake());
    return Promise.all(ids.map((id) => fixture.db.get(id)));
  }

  function createTransport(duringRequest?: () => unknown, faults?: LinkFaults): FakeTransport {
    return new FakeTransport(WITH_BUNDLES, duringRequest, faults);
  }

  it('sends small uploads in one request and stores the batch of each', async () => {
    const transport = createTransport();
    const uploads = await drive(transport, [10, 20, 30]);
    expect(transport.bundles).toEqual([uploads.map((upload) => upload?.id)]);
    expect(transport.directUploads).toEqual([]);
    for (const upload of uploads)
      expect(upload).toMatchObject({ status: 'completed', batch: { batch_id: upload?.id } });
  });

  it('sends a single small upload in a request of its own', async () => {
    const transport = createTransport();
    const uploads = await drive(transport, [10]);
    expect([transport.bundles, transport.directUploads]).toEqual([[], uploads.map((upload) => upload?.id)]);
  });

  it('sends small uploads alone to a server without bundles', async () => {
    const transport = new FakeTransport(KEY_ONLY);
    await drive(transport, [10, 20, 30]);
    expect(transport.bundles).toEqual([]);
    expect(transport.directUploads).toHaveLength(3);
  });

  it('sends large uploads and image batches alone', async () => {
    const transport = createTransport();
    const images = await fixture.queueUpload({ plan: null, metadata: { upload_type: 'images', task_id: 't' } }, 10);
    const [large, small, other] = await drive(transport, [PIECE_BYTES + 1, 10, 20]);
    expect(transport.bundles).toEqual([[small?.id, other?.id]]);
    expect(new Set(transport.directUploads)).toEqual(new Set([images, large?.id]));
  });

  it('limits a bundle before a rate is measured, and the number of its uploads', async () => {
    const transport = createTransport();
    await drive(transport, [600_000, 600_000, ...Array.from({ length: 60 }, () => 10)]);
    const sizes = transport.bundles.map(({ length }) => length);
    expect(Math.max(...sizes)).toBe(50);
    expect(transport.directUploads.length + sizes.reduce((sum, size) => sum + size, 0)).toBe(62);
    expect(transport.bundles.length).toBeGreaterThan(1);
  });

  it('asks for the batch of each upload after a lost response', async () => {
    let isLost = false;
    const transport = createTransport(() => {
      if (isLost) return;
      isLost = true;
      throw new UploadError('network', 'The server could not be reached.');
    });
    const uploads = await drive(transport, [10, 20, 30]);
    expect(uploads.map((upload) => upload?.status)).toEqual(['completed', 'completed', 'completed']);
    expect(new Set(transport.batchQueries)).toEqual(new Set(uploads.map((upload) => upload?.id)));
    expect([transport.bundles.length, transport.directUploads]).toEqual([1, []]);
  });

  it('fails only the upload that the server refuses', async () => {
    const refused = new UploadError('refused', 'No such upload type.', {
      status: 400,
      serverCode: 'unknown_upload_type',
    });
    const bundled = ({ sizeBytes }: Upload) => (sizeBytes === 20 ? refused : undefined);
    const uploads = await drive(createTransport(undefined, { bundled }), [10, 20, 30]);
    expect(uploads.map((upload) => upload?.status)).toEqual(['completed', 'failed', 'completed']);
    expect(uploads[1]).toMatchObject({ code: 'unknown_upload_type', message: 'No such upload type.' });
  });

  it('sends each upload alone after the server refused the bundle', async () => {
    const transport: FakeTransport = createTransport(() => {
      if (transport.directUploads.length === 0) throw new UploadError('not_found', 'Not found.', { status: 404 });
    });
    const uploads = await drive(transport, [10, 20, 30]);
    expect(uploads.map((upload) => upload?.status)).toEqual(['completed', 'completed', 'completed']);
    expect([transport.bundles.length, transport.directUploads.length]).toEqual([1, 3]);
  });

  it('sends the others again when one upload is cancelled', async () => {
    const transport: FakeTransport = new FakeTransport(WITH_BUNDLES, async (_index, signal) => {
      if (transport.bundles.length > 1) return;
      const [first = ''] = transport.bundles[0] ?? [];
      await fixture.db.update(first, (before) => ({ ...before, status: 'cancelled', cancelledAt: 1 }));
      driver.hint(first);
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    const driver = fixture.createDriver(transport);
    const ids: string[] = [];
    for (const size of [10, 20, 30]) ids.push(await fixture.queueUpload({ plan: null }, size));
    await driver.drive(createWake());
    const statuses = await Promise.all(ids.map(async (id) => (await fixture.db.get(id))?.status));
    expect(transport.bundles).toEqual([ids, ids.slice(1)]);
    // The server had stored it before the cancel reached it.
    expect(statuses).toEqual(['completed', 'completed', 'completed']);
  });

  it('leaves out an upload whose bytes the browser has lost', async () => {
    const transport = createTransport();
    const lost = await fixture.queueUpload({ plan: null, stagedBytes: 10 }, 10);
    await fixture.db.updateAndDeleteBytes(lost, (before) => before);
    const [one, other] = await drive(transport, [20, 30]);
    expect(await fixture.db.get(lost)).toMatchObject({ status: 'waiting', wait: { reason: 'file' } });
    expect(transport.bundles).toEqual([[one?.id, other?.id]]);
  });
});
