/**
 * How long a digest waits for the previous ones, in ms: Chromium 156 may never finish reading bytes
 * that it has lost.
 */
const MAX_WAIT_MS = 30_000;
/**
 * The memory for a smaller Blob, in bytes, is not worth being reused: reading it whole takes half
 * the time.
 */
const MIN_REUSED_BYTES = 4 * 1024 * 1024;
/**
 * A read into given memory may take this long, in ms. Chromium 156 left one of 150 such reads
 * unanswered, of its first byte, while several uploads read Blobs too.
 */
const MAX_READ_MS = 3000;

/**
 * Computes digests one at a time. Two at once would both finish late, and each needs all of its
 * bytes in memory.
 */
export class Digester {
  /** Reused for each digest: browsers collect discarded buffers late. */
  #memory = new ArrayBuffer(0);
  #last: Promise<unknown> = Promise.resolve();

  /** SHA-256 in hex. */
  sha256(blob: Blob): Promise<string> {
    const timeout = new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS));
    const digest = Promise.race([this.#last, timeout]).then(() => this.#digest(blob));
    this.#last = digest.catch(() => undefined);
    return digest;
  }

  async #digest(blob: Blob): Promise<string> {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await this.#read(blob)));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  async #read(blob: Blob): Promise<BufferSource> {
    const reader = blob.size < MIN_REUSED_BYTES ? null : createByteReader(blob);
    if (!reader) return blob.arrayBuffer();
    const timeout = new Promise((resolve) => setTimeout(resolve, MAX_READ_MS));
    return Promise.race([this.#readIntoMemory(blob, reader), timeout.then(() => blob.arrayBuffer())]);
  }

  async #readIntoMemory(blob: Blob, reader: ReadableStreamBYOBReader): Promise<BufferSource> {
    let memory = this.#memory.byteLength < blob.size ? new ArrayBuffer(blob.size) : this.#memory;
    // Each read transfers the buffer, and returns it. A failed read loses it.
    this.#memory = new ArrayBuffer(0);
    // Never reads past the last byte: Chromium 156 sometimes does not answer such a read.
    for (let at = 0; at < blob.size; ) {
      const { value } = await reader.read(new Uint8Array(memory, at, blob.size - at));
      if (!value?.byteLength) throw new DOMException('The bytes ended too early.', 'NotReadableError');
      memory = value.buffer;
      at += value.byteLength;
    }
    void reader.cancel().catch(() => undefined);
    this.#memory = memory;
    return new Uint8Array(memory, 0, blob.size);
  }
}

/** A reader that fills a given buffer; null in browsers without one. */
function createByteReader(blob: Blob): ReadableStreamBYOBReader | null {
  try {
    return blob.stream().getReader({ mode: 'byob' });
  } catch {
    return null;
  }
}
