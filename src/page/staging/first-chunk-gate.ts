import type { Bridge } from '../bridge.ts';

/** How long staging waits for the first chunk, in ms. */
const MAX_WAIT_MS = 200;

/**
 * Holds staging back until the first chunk of an upload has left: every piece that is stored delays
 * the transactions with which the worker prepares that chunk.
 */
export class FirstChunkGate {
  readonly #waiting = new Map<string, () => void>();

  constructor(bridge: Bridge) {
    bridge.onNotice((notice) => {
      if (notice.type === 'progress') this.#waiting.get(notice.progress.id)?.();
    });
  }

  /** Resolves at the first progress notice of an upload, or after `MAX_WAIT_MS`. */
  async wait(id: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.set(id, resolve);
      setTimeout(resolve, MAX_WAIT_MS);
    });
    this.#waiting.delete(id);
  }
}
