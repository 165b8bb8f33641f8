import type { Bridge } from '../bridge.ts';

/** So long the first chunk of an upload has to leave before copying goes on, in ms. */
const MAX_WAIT_MS = 200;

/**
 * Lets the first chunk of an upload leave before more of it is copied: each piece that is copied holds up every transaction
 * by which the worker gets to that chunk.
 */
export class FirstChunkGate {
  readonly #waiting = new Map<string, () => void>();

  constructor(bridge: Bridge) {
    bridge.onNotice((notice) => {
      if (notice.type === 'progress') this.#waiting.get(notice.progress.id)?.();
    });
  }

  /** Resolves when the worker tells how far an upload is, or soon after where none does. */
  async wait(id: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.set(id, resolve);
      setTimeout(resolve, MAX_WAIT_MS);
    });
    this.#waiting.delete(id);
  }
}
