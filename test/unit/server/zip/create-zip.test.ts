import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createZip, type ZipFile } from '../../../../src/server/zip/create-zip.ts';
import { readZip } from './read-zip.ts';

const KIB_64 = Buffer.alloc(65_536, 7);

/** Files that count what is read of them. */
class CountedFiles {
  readonly open = new Set<Readable>();
  readBytes = 0;

  async *files(count: number, blocks: number): AsyncGenerator<ZipFile> {
    for (let n = 0; n < count; n++) {
      yield {
        path: `${n}.bin`,
        sizeBytes: blocks * KIB_64.length,
        modifiedAt: new Date(0),
        open: async () => this.#read(blocks),
      };
    }
  }

  #read(blocks: number): Readable {
    const bytes = Readable.from(this.#blocks(blocks));
    this.open.add(bytes);
    bytes.once('close', () => this.open.delete(bytes));
    return bytes;
  }

  async *#blocks(count: number): AsyncGenerator<Buffer> {
    for (let n = 0; n < count; n++) {
      this.readBytes += KIB_64.length;
      yield KIB_64;
    }
  }
}

describe('createZip', () => {
  it.each([
    ['one large file', 1, 256],
    ['many small files', 256, 1],
  ])('reads %s only as far as the ZIP is read', async (_, count, blocks) => {
    const source = new CountedFiles();
    let zippedBytes = 0;
    let aheadBytes = 0;
    for await (const part of createZip(source.files(count, blocks))) {
      // Whatever is going to be read ahead is read now.
      for (let turn = 0; turn < 50; turn++) await setImmediate();
      zippedBytes += part.length;
      aheadBytes = Math.max(aheadBytes, source.readBytes - zippedBytes);
    }
    expect(source.readBytes).toBe(16 * 1024 * 1024);
    expect(aheadBytes).toBeLessThan(2 * 1024 * 1024);
  });

  it('ends the reads when it is destroyed', async () => {
    const source = new CountedFiles();
    const zip = createZip(source.files(10, 100));
    await once(zip, 'readable');
    await expect.poll(() => source.open.size).toBe(1);
    zip.destroy();
    await expect.poll(() => source.open.size).toBe(0);
    const { readBytes } = source;
    for (let turn = 0; turn < 50; turn++) await setImmediate();
    expect(source.readBytes).toBe(readBytes);
  });

  it.each([10, 100_000])('fails when a file of %i bytes cannot be read', async (sizeBytes) => {
    const broken = async function* (): AsyncGenerator<ZipFile> {
      const open = async () => Readable.from(failingBytes());
      yield { path: 'x', sizeBytes, modifiedAt: new Date(0), open };
    };
    await expect(buffer(createZip(broken()))).rejects.toThrow('unreadable');
  });

  it.each([10, 100_000])('fails when a file has fewer than its %i bytes', async (sizeBytes) => {
    const short = async function* (): AsyncGenerator<ZipFile> {
      yield { path: 'x', sizeBytes, modifiedAt: new Date(0), open: async () => Readable.from([Buffer.from('x')]) };
    };
    await expect(buffer(createZip(short()))).rejects.toThrow('bytes');
  });

  it('contains more files than a ZIP without Zip64 can', async () => {
    const count = 66_000;
    const zip = readZip(await buffer(createZip(new CountedFiles().files(count, 0))));
    expect(zip).toHaveLength(count);
    expect(zip.at(-1)).toMatchObject({ path: `${count - 1}.bin`, bytes: Buffer.alloc(0) });
  }, 120_000);
});

async function* failingBytes(): AsyncGenerator<Buffer> {
  yield Buffer.from('x');
  throw new Error('unreadable');
}
