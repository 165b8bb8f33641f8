import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { UploadClient, UploadView } from '../../page/index.ts';

/**
 * Minimum time between two reads. Large uploads wait longer, because reading thousands of receipts
 * takes long.
 */
const INTERVAL_MS = 250;
const LARGE_INTERVAL_MS = 1000;
const LARGE_CHUNKS = 1000;

/** Reads the chunk states of an upload after it changed, at most once per interval. */
export class ChunkStatesController implements ReactiveController {
  states: Uint8Array = new Uint8Array();
  readonly #host: ReactiveControllerHost;
  #lastRead: UploadView | null = null;
  #latest: UploadView | null = null;
  #isBusy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#isBusy = false;
  }

  /** Call with the current view of the upload; reads its chunk states if they may have changed. */
  observe(client: UploadClient, upload: UploadView): void {
    this.#latest = upload;
    if (this.#isBusy || (this.#lastRead && isUnchanged(upload, this.#lastRead))) return;
    this.#isBusy = true;
    void this.#readStates(client, upload);
  }

  async #readStates(client: UploadClient, upload: UploadView): Promise<void> {
    this.#lastRead = upload;
    // The read fails when the client was closed in the meantime.
    this.states = await client.contents.getChunkStates(upload.id).catch(() => this.states);
    this.#host.requestUpdate();
    const delayMs = this.states.length > LARGE_CHUNKS ? LARGE_INTERVAL_MS : INTERVAL_MS;
    this.#timer = setTimeout(() => {
      this.#isBusy = false;
      if (this.#latest) this.observe(client, this.#latest);
    }, delayMs);
  }
}

function isUnchanged(a: UploadView, b: UploadView): boolean {
  const { status, plan, stagedBytes, progress } = a;
  return status === b.status && plan === b.plan && stagedBytes === b.stagedBytes && progress === b.progress;
}
