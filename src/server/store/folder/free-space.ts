import { statfs } from 'node:fs/promises';

/** Keeps a part of the disk free: a full disk stops everything else that needs it. */
export class FreeSpace {
  readonly #minFreeBytes: number;
  readonly #readFreeBytes: () => Promise<number>;

  /** @param readFreeBytes returns the bytes that this process may still write. */
  constructor(minFreeBytes: number, readFreeBytes: () => Promise<number>) {
    this.#minFreeBytes = minFreeBytes;
    this.#readFreeBytes = readFreeBytes;
  }

  static of(folder: string, minFreeBytes: number): FreeSpace {
    return new FreeSpace(minFreeBytes, async () => {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    });
  }

  /** @throws Error `ENOSPC`, as if the disk were full, when so many bytes leave too few. */
  async require(bytes: number): Promise<void> {
    if (this.#minFreeBytes === 0) return;
    if ((await this.#readFreeBytes()) - bytes >= this.#minFreeBytes) return;
    throw Object.assign(new Error(`Less than ${this.#minFreeBytes} bytes of the disk are free.`), { code: 'ENOSPC' });
  }
}
