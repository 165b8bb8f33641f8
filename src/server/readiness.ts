import { statfs } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ByteStore } from './store/byte-store.ts';

/** Which parts of the server can work. */
export interface ReadinessReport {
  readonly ready: boolean;
  /** Whether bytes can be written, read and removed. */
  readonly store: boolean;
  /** Whether another request body would fit on the disk. */
  readonly space: boolean;
}

/** The dependencies of the check. */
export interface ReadinessOptions {
  readonly bytes: ByteStore;
  readonly dataDir: string;
  readonly minFreeBytes: number;
}

const PROBE = 'ready?';
const TIMEOUT_MS = 5000;
/** Frequent questions get the previous answer. */
const MAX_AGE_MS = 1000;

/** Checks whether the server can accept uploads, by storing some bytes. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #report: Promise<ReadinessReport> | null = null;
  #startedAt = 0;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  check(): Promise<ReadinessReport> {
    if (this.#report === null || Date.now() - this.#startedAt > MAX_AGE_MS) {
      this.#startedAt = Date.now();
      this.#report = this.#run();
    }
    return this.#report;
  }

  async #run(): Promise<ReadinessReport> {
    const [store, space] = await Promise.all([inTime(this.#canStore()), inTime(this.#hasSpace())]);
    return { ready: store && space, store, space };
  }

  async #canStore(): Promise<boolean> {
    const { bytes } = this.#options;
    const { blob, sizeBytes } = await bytes.receive(Readable.from([Buffer.from(PROBE)]));
    try {
      return `${await buffer(bytes.read([{ blob, sizeBytes }], 0, sizeBytes))}` === PROBE;
    } finally {
      await bytes.remove([blob]);
    }
  }

  async #hasSpace(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#options.dataDir);
    return bavail * bsize >= this.#options.minFreeBytes;
  }
}

/** A check that fails or hangs counts as false. */
async function inTime(check: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), TIMEOUT_MS);
  });
  return Promise.race([check.catch(() => false), late]).finally(() => clearTimeout(timer));
}
