import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Chunk, cut } from '../../../../src/shared/chunks.ts';
import { UploadError } from '../../../../src/shared/errors.ts';
import { Digester } from '../../../../src/shared/staging/digester.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import type { KeptBytes } from '../../../../sw/ports/transport.ts';
import { fastClock } from '../../../fixtures/fast-clock.ts';
import { CHUNKS, createWake, DriverFixture, FakeTransport, WITH_KEY, WITH_OFFSETS } from '../driver-fixture.ts';

const MIB = 1024 * 1024;
const KEEPING = [...WITH_OFFSETS, 'file_size', 'partial'];
const RESIZING = [...WITH_OFFSETS, 'file_size', 'recut'];

const network = () => new UploadError('network', 'The server could not be reached.');

/** Fails the first attempts of chunk 3. */
function failTimes(count: number): (index: number) => void {
  let remaining = count;
  return (index) => {
    if (index === 3 && remaining-- > 0) throw network();
  };
}

describe('a link that fails', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it('starts nothing until a probe gets through', async () => {
    let startedBefore = 0;
    const startedDuringOutage: number[] = [];
    const transport: FakeTransport = new FakeTransport(
      WITH_KEY,
      (index) => {
        // All requests in flight fail with the link.
        if (index > 0 && transport.probes < 3) {
          startedBefore = transport.startedChunks.length;
          throw network();
        }
      },
      {
        probe: () => {
          if (transport.probes < 3) throw network();
          startedDuringOutage.push(transport.startedChunks.length - startedBefore);
        },
      },
    );
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'completed', generation: 0 });
    expect(startedDuringOutage).toEqual([0]);
    expect(transport.probes).toBe(3);
  });

  it('counts no attempts that failed with the link', async () => {
    const transport: FakeTransport = new FakeTransport(WITH_KEY, failTimes(9), {
      probe: () => {
        if (transport.probes % 2 === 1) throw network();
      },
    });
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'completed', generation: 0 });
    expect(fixture.failedChunks).toEqual([]);
  });

  it('makes an upload wait in a long outage, and sends it after the outage', async () => {
    const id = await fixture.queueUpload();
    let isDown = true;
    const failWhileDown = () => {
      if (isDown) throw network();
    };
    const transport = new FakeTransport(WITH_KEY, failWhileDown, { probe: failWhileDown });
    const driver = fixture.createDriver(transport, { clock: fastClock });
    const driving = driver.drive({ kind: 'message', deadline: fastClock.ticks() + 200_000 });
    await expect.poll(async () => (await fixture.db.get(id))?.status, { timeout: 10_000 }).toBe('waiting');
    expect(await fixture.db.get(id)).toMatchObject({ wait: { reason: 'backoff' }, failures: 1 });
    expect(fixture.failedChunks).toEqual([{ uploadId: id, generation: 0, index: 0 }]);
    isDown = false;
    await driving;
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', generation: 0 });
  });
});

describe('a chunk that was cut', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  /** The first bytes of a chunk of zeros, or of other bytes with the same size. */
  async function createKept(size: number, byte = 0): Promise<(chunk: Chunk) => KeptBytes> {
    const sha256 = await new Digester().sha256(new Blob([new Uint8Array(size).fill(byte)]));
    return ({ index, start }) => ({ index, start, end: start + size, sha256 });
  }

  /** Drives an upload, and cuts chunk 3 some times once there is a session to ask for it. */
  async function driveWithCuts(count: number, kept: (chunk: Chunk) => KeptBytes | undefined): Promise<FakeTransport> {
    const id = await fixture.queueUpload();
    const cutTimes = failTimes(count);
    const transport = new FakeTransport(
      KEEPING,
      async (index) => {
        if (index === 3) await vi.waitUntil(async () => (await fixture.db.get(id))?.session);
        cutTimes(index);
      },
      { kept },
    );
    await fixture.createDriver(transport).drive(createWake());
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', generation: 0 });
    return transport;
  }

  it('continues after the bytes that the server kept', async () => {
    const kept = await createKept(4);
    const transport = await driveWithCuts(1, kept);
    expect(transport.continued).toEqual([[3, kept({ index: 3, start: 30, end: 40 }).sha256]]);
    expect(transport.statusRequests).toBe(1);
  });

  it('is sent whole if the kept bytes differ from its own', async () => {
    const transport = await driveWithCuts(1, await createKept(4, 1));
    expect([transport.continued, transport.replaced]).toEqual([[], [3]]);
  });

  it('replaces kept bytes that no session can be asked for', async () => {
    const transport: FakeTransport = new FakeTransport(KEEPING, (index) => {
      if (index === 0 && !transport.replaced.includes(0))
        throw new UploadError('partial_changed', 'The server keeps other bytes.', { status: 409 });
      // The first response opens the session.
      if (index > 0) return vi.waitUntil(() => transport.endedChunks.includes(0));
    });
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'completed', generation: 0 });
    expect(transport.replaced).toEqual([0]);
    expect(transport.statusRequests).toBe(0);
  });

  it('is sent whole to a server that keeps nothing', async () => {
    const transport = new FakeTransport(WITH_OFFSETS, failTimes(1));
    expect(await fixture.queueAndDrive(transport)).toMatchObject({ status: 'completed' });
    expect(transport.statusRequests).toBe(0);
    expect(transport.startedChunks).toHaveLength(CHUNKS + 1);
  });

  it('counts no attempts that brought bytes', async () => {
    let size = 1;
    const digests = await Promise.all(Array.from({ length: 9 }, (_, i) => createKept(i)));
    const kept = (chunk: Chunk) => digests[Math.min(size++, 8)]?.(chunk);
    const transport = await driveWithCuts(7, kept);
    expect(fixture.failedChunks).toEqual([]);
    expect(transport.continued).toHaveLength(7);
  });
});

describe('a whole upload that was cut', () => {
  it('continues in chunks', async () => {
    const fixture = await DriverFixture.open();
    const id = await fixture.queueUpload({ plan: { way: 'direct' } }, 4 * MIB);
    let failures = 0;
    const transport: FakeTransport = new FakeTransport(RESIZING, () => {
      if (failures++ === 0) throw network();
    });
    await fixture.createDriver(transport).drive(createWake());
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', generation: 1 });
    expect(transport.directUploads).toEqual([id]);
    expect(transport.acknowledgedRanges).toHaveLength(4);
    await fixture.close();
  });
});

describe('equal chunks', () => {
  it('become smaller in a new session if the first one takes too long', async () => {
    const fixture = await DriverFixture.open();
    const id = await fixture.queueUpload({ plan: { way: 'chunks', chunkBytes: 8 * MIB, ramp: [] } }, 24 * MIB);
    const sizes = new Set<number>();
    let now = 0;
    // Only requests take time, so that a busy machine does not make a chunk slow.
    const clock = { ...fastClock, ticks: () => now };
    const transport: FakeTransport = new FakeTransport([], async (index, signal) => {
      const isFirst = transport.startedChunks.length === 1 && index === 0;
      if (isFirst) {
        now += 4_000;
        await realClock.sleep(1e9, signal);
      }
      // After faster chunks, larger ones would follow.
      now += 1_800;
    });
    const driver = fixture.createDriver(transport, { clock });
    await driver.drive({ kind: 'message', deadline: 300_000 });
    for (const { start, end } of transport.acknowledgedRanges) sizes.add(end - start);
    expect(await fixture.db.get(id)).toMatchObject({ status: 'completed', generation: 1 });
    expect([...sizes]).toEqual([MIB]);
    await fixture.close();
  });
});

describe('chunks that were not sent yet', () => {
  it('change their size with the measured rate, in the same session', async () => {
    const fixture = await DriverFixture.open();
    const id = await fixture.queueUpload({ plan: { way: 'chunks', chunkBytes: 8 * MIB, ramp: [] } }, 96 * MIB);
    const transport = new FakeTransport(RESIZING, (index) => realClock.sleep(index < 3 ? 1000 : 5));
    await fixture.createDriver(transport).drive(createWake());
    const upload = await fixture.db.get(id);
    expect(upload).toMatchObject({ status: 'completed', generation: 0 });
    expect(upload?.plan).not.toEqual({ way: 'chunks', chunkBytes: 8 * MIB, ramp: [] });
    const chunks = upload?.plan ? cut(96 * MIB, upload.plan) : [];
    expect(transport.acknowledgedRanges.sort((a, b) => a.index - b.index)).toEqual(chunks);
    await fixture.close();
  });
});
