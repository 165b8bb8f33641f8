import { createSHA256, type IHasher } from 'hash-wasm';

/** Takes digests, one at a time: there is one thread for it, and two would both end late. */
export class Digester {
  #hasher: Promise<IHasher | null> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * SHA-256, hex, of bytes that are read while they are hashed, because the platform's own digest wants all of them in memory at
   * once.
   */
  sha256(blob: Blob): Promise<string> {
    const digest = this.#last.then(() => this.#streamed(blob));
    this.#last = digest.catch(() => undefined);
    return digest;
  }

  async #streamed(blob: Blob): Promise<string> {
    // A Content-Security-Policy without 'wasm-unsafe-eval' refuses it.
    this.#hasher ??= createSHA256().catch(() => null);
    const hasher = await this.#hasher;
    if (hasher === null) return platformSha256(blob);
    hasher.init();
    const reader = blob.stream().getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) hasher.update(part.value);
    return hasher.digest('hex');
  }
}

/** The same by the platform, for where WebAssembly is refused: all bytes are in memory meanwhile. */
export async function platformSha256(blob: Blob): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
