import { sha256 } from '../src/shared/bytes.ts';

/** One chunk is hashed at a time, because a digest needs all its bytes in memory at once. */
export class Hasher {
  #last: Promise<unknown> = Promise.resolve();
  /** Begun before they are asked for; by then the next one may have begun too. */
  readonly #ahead = new Map<string, Promise<string>>();

  /** SHA-256, hex: what `prepare` has begun for this key, or a new one. */
  digest(key: string, bytes: () => Promise<Blob>): Promise<string> {
    const begun = this.#ahead.get(key);
    this.#ahead.delete(key);
    return begun ?? this.#begin(bytes);
  }

  /** Begins the one that is needed next, so that no connection is idle for it. */
  prepare(key: string, bytes: () => Promise<Blob>): void {
    if (this.#ahead.has(key)) return;
    const digest = this.#begin(bytes);
    this.#ahead.set(key, digest);
    // Whoever asks for it later meets the failure itself.
    digest.catch(() => this.#ahead.delete(key));
  }

  #begin(bytes: () => Promise<Blob>): Promise<string> {
    const digest = this.#last.then(async () => sha256(await bytes()));
    this.#last = digest.catch(() => undefined);
    return digest;
  }
}
