import { sha256 } from '../src/shared/bytes.ts';

/** One chunk is hashed at a time, because a digest needs all its bytes in memory at once. */
export class Hasher {
  #last: Promise<unknown> = Promise.resolve();
  #ahead: { key: string; digest: Promise<string> } | null = null;

  /** SHA-256, hex: what `prepare` has begun for this key, or a new one. */
  digest(key: string, bytes: () => Promise<Blob>): Promise<string> {
    if (this.#ahead?.key === key) return this.#ahead.digest;
    const digest = this.#last.then(async () => sha256(await bytes()));
    this.#last = digest.catch(() => undefined);
    return digest;
  }

  /** Begins the one that is needed next, so that no connection is idle for it. */
  prepare(key: string, bytes: () => Promise<Blob>): void {
    if (this.#ahead?.key === key) return;
    const digest = this.digest(key, bytes);
    this.#ahead = { key, digest };
    // Whoever asks for it later meets the failure itself.
    digest.catch(() => {
      if (this.#ahead?.digest === digest) this.#ahead = null;
    });
  }
}
