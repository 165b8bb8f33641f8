import { sha256 } from '../src/shared/sha256.ts';

/** Digests, and those begun before they are asked for; by then the next one may have begun too. */
export class Hasher {
  readonly #ahead = new Map<string, Promise<string>>();

  /** SHA-256, hex: what `prepare` has begun for this key, or a new one. */
  digest(key: string, bytes: () => Promise<Blob>): Promise<string> {
    const begun = this.#ahead.get(key);
    this.#ahead.delete(key);
    return begun ?? digestOf(bytes);
  }

  /** Begins the one that is needed next, so that no connection is idle for it. */
  prepare(key: string, bytes: () => Promise<Blob>): void {
    if (this.#ahead.has(key)) return;
    const digest = digestOf(bytes);
    this.#ahead.set(key, digest);
    // Whoever asks for it later meets the failure itself.
    digest.catch(() => this.#ahead.delete(key));
  }
}

async function digestOf(bytes: () => Promise<Blob>): Promise<string> {
  return sha256(await bytes());
}
