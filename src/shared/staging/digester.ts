/** So long one waits for those before it, in ms: Chromium 156 may never end reading bytes that it has lost. */
const MAX_WAIT_MS = 30_000;

/** Takes digests, one at a time: two at once would both end late, and each needs all of its bytes in memory. */
export class Digester {
  /** What the last one was read into: new memory for each would lie about until the browser collects it. */
  #memory = new ArrayBuffer(0);
  #last: Promise<unknown> = Promise.resolve();

  /** SHA-256, hex. */
  sha256(blob: Blob): Promise<string> {
    const patience = new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS));
    const digest = Promise.race([this.#last, patience]).then(() => this.#digest(blob));
    this.#last = digest.catch(() => undefined);
    return digest;
  }

  async #digest(blob: Blob): Promise<string> {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await this.#read(blob)));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  async #read(blob: Blob): Promise<BufferSource> {
    const reader = createByteReader(blob);
    if (!reader) return blob.arrayBuffer();
    let memory = this.#memory.byteLength < blob.size ? new ArrayBuffer(blob.size) : this.#memory;
    // Each read takes it away and gives it back: of one that fails there is nothing left.
    this.#memory = new ArrayBuffer(0);
    // Never asked for what is behind the last byte: in Chromium 156 such a question is now and then not answered.
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

/** Reads into memory of ours; null where the browser does not. */
function createByteReader(blob: Blob): ReadableStreamBYOBReader | null {
  try {
    return blob.stream().getReader({ mode: 'byob' });
  } catch {
    return null;
  }
}
