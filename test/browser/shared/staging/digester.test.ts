import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Digester } from '../../../../src/shared/staging/digester.ts';

const MIB = 1024 * 1024;
const OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const random = crypto.getRandomValues(new Uint8Array(64 * 1024));
const large = new Blob(Array.from({ length: 5 * 16 + 1 }, () => random));

it("computes the platform's SHA-256 of any Blob, several at once", async () => {
  const blobs = [
    new Blob(),
    new Blob(['abc']),
    large,
    large.slice(7, 3 * MIB + 1),
    new Blob([large.slice(MIB), 'end']),
  ];
  const digester = new Digester();
  const digests = await Promise.all(blobs.map((blob) => digester.sha256(blob)));
  expect(digests).toEqual(await Promise.all(blobs.map(byPlatform)));
  expect(digests[1]).toBe(OF_ABC);
});

it('computes digests in browsers without BYOB readers', async () => {
  const blob = large.slice();
  const { stream } = blob;
  blob.stream = () => stream.call(blob).pipeThrough(new TransformStream());
  expect(() => blob.stream().getReader({ mode: 'byob' })).toThrow(TypeError);
  expect(await new Digester().sha256(blob)).toBe(await byPlatform(large));
});

it('continues after unreadable or missing bytes', async () => {
  const digester = new Digester();
  await digester.sha256(large);
  for (const end of [(to: ReadableByteStreamController) => to.error(new Error('gone')), endNow]) {
    const broken = large.slice();
    broken.stream = () => new ReadableStream({ type: 'bytes', pull: end });
    await expect(digester.sha256(broken)).rejects.toThrow();
  }
  expect(await digester.sha256(large)).toBe(await byPlatform(large));
});

describe('a read that never ends', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('is repeated in another way after 3 s', async () => {
    const silent = large.slice();
    silent.stream = () => new ReadableStream({ type: 'bytes' });
    const digest = new Digester().sha256(silent);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await digest).toBe(await byPlatform(large));
  });

  it('delays the next digest by at most 30 s', async () => {
    const digester = new Digester();
    const lost = new Blob(['abc']);
    lost.arrayBuffer = () => new Promise(() => undefined);
    void digester.sha256(lost);
    const next = digester.sha256(new Blob(['abc']));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await next).toBe(OF_ABC);
  });
});

function endNow(controller: ReadableByteStreamController): void {
  controller.close();
  controller.byobRequest?.respond(0);
}

async function byPlatform(blob: Blob): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
