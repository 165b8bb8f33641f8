import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { ByteStore, Part } from '../../../../src/server/store/byte-store.ts';

/** Tests that every implementation of `ByteStore` passes. */
export function byteStoreContract(create: () => Promise<ByteStore>): void {
  async function storeParts(bytes: ByteStore, ...contents: string[]): Promise<Part[]> {
    const parts: Part[] = [];
    for (const content of contents) {
      const { blob, sizeBytes } = await bytes.receive(Readable.from(content === '' ? [] : [content]));
      await bytes.commit(blob);
      parts.push({ blob, sizeBytes });
    }
    return parts;
  }

  it('measures and hashes what it receives', async () => {
    const bytes = await create();
    const received = await bytes.receive(Readable.from(['hel', 'lo']));
    const sha256 = createHash('sha256').update('hello').digest('hex');
    expect(received).toEqual({ blob: expect.any(String), sizeBytes: 5, sha256 });
  });

  it('reads a range across several parts', async () => {
    const bytes = await create();
    const parts = await storeParts(bytes, '0123', '', '45', '6789');
    expect(await text(bytes.read(parts, 0, 10))).toBe('0123456789');
    expect(await text(bytes.read(parts, 2, 8))).toBe('234567');
    expect(await text(bytes.read(parts, 4, 6))).toBe('45');
    expect(await text(bytes.read(parts, 9, 10))).toBe('9');
    expect(await text(bytes.read(parts, 3, 3))).toBe('');
  });

  it('reads an empty file', async () => {
    const bytes = await create();
    expect(await text(bytes.read(await storeParts(bytes, ''), 0, 0))).toBe('');
  });

  it('keeps the bytes of streams that arrive at the same time apart', async () => {
    const bytes = await create();
    const contents = Array.from({ length: 20 }, (_, n) => `content ${n}`);
    const stored = await Promise.all(contents.map((content) => storeParts(bytes, content)));
    const read = await Promise.all(stored.map((parts) => text(bytes.read(parts, 0, 100))));
    expect(read).toEqual(contents);
  });

  it('rejects a stream that fails, and one that already failed', async () => {
    const bytes = await create();
    const failing = Readable.from(
      (async function* () {
        yield 'half';
        throw new Error('cut');
      })(),
    );
    await expect(bytes.receive(failing)).rejects.toThrow('cut');
    const failed = new Readable({ read() {} });
    failed.on('error', () => undefined).destroy(new Error('cut'));
    await expect(bytes.receive(failed)).rejects.toThrow();
  });

  it('removes received bytes, once or twice', async () => {
    const bytes = await create();
    const parts = await storeParts(bytes, 'x');
    const blobs = parts.map(({ blob }) => blob);
    await bytes.remove(blobs);
    await bytes.remove(blobs);
    await expect(text(bytes.read(parts, 0, 1))).rejects.toThrow();
  });
}
