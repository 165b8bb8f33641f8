import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { UploadClient, UploadView } from '../../page/index.ts';

/** Reading ten thousand receipts takes a while, and a map is not worth more than this. */
const EVERY_MS = 250;
const MANY_EVERY_MS = 1000;
const MANY = 1000;

/** Keeps what the chunks of one upload are at, as new as is worth the reading. */
export class ChunkStatesController implements ReactiveController {
  states: Uint8Array = new Uint8Array();
  readonly #host: ReactiveControllerHost;
  #seen: UploadView | null = null;
  #wanted: UploadView | null = null;
  #isReading = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#isReading = false;
  }

  /** The upload is as it is now: reads its chunks if it changed. */
  observe(client: UploadClient, upload: UploadView): void {
    this.#wanted = upload;
    if (this.#isReading || (this.#seen && isSame(upload, this.#seen))) return;
    this.#isReading = true;
    void this.#read(client, upload);
  }

  async #read(client: UploadClient, upload: UploadView): Promise<void> {
    this.#seen = upload;
    // A closed client's database answers no more, and nobody looks any more either.
    this.states = await client.contents.getChunkStates(upload.id).catch(() => this.states);
    this.#host.requestUpdate();
    const restMs = this.states.length > MANY ? MANY_EVERY_MS : EVERY_MS;
    this.#timer = setTimeout(() => {
      this.#isReading = false;
      if (this.#wanted) this.observe(client, this.#wanted);
    }, restMs);
  }
}

/** Whether two looks at an upload find its chunks at the same. */
function isSame(a: UploadView, b: UploadView): boolean {
  const { status, plan, stagedBytes, progress } = a;
  return status === b.status && plan === b.plan && stagedBytes === b.stagedBytes && progress === b.progress;
}
