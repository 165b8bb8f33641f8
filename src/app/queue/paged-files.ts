import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Files per read. */
const PAGE_SIZE = 100;
/** First delay before a page is read again for its digests, in ms; doubles each time. */
const DIGEST_POLL_MS = 1000;

/** A file of a list. */
export interface ListedFile {
  readonly name: string;
  readonly path?: string | null | undefined;
  readonly sizeBytes: number;
  /** Null until the server has computed it; undefined for a file that is not on the server. */
  readonly sha256?: string | null;
}

/** The files of an upload, on this device or on the server. */
export interface FileSource {
  readonly count: number;
  /** Reads the files `[from, to)`; none if that fails. */
  read(from: number, to: number): Promise<readonly ListedFile[]>;
}

/** Reads the pages of a list that are shown, and again while digests are missing. */
export class PagedFiles implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #source: FileSource | null = null;
  #isConnected = false;
  readonly #pages = new Map<number, readonly ListedFile[]>();

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#isConnected = true;
  }

  hostDisconnected(): void {
    this.#isConnected = false;
    // Pages whose digests are missing are read again when the list is shown again.
    this.#pages.clear();
  }

  setSource(source: FileSource | null): void {
    this.#source = source;
    this.#pages.clear();
  }

  /** The file at a position; undefined until its page is read. */
  get(index: number): ListedFile | undefined {
    const page = Math.floor(index / PAGE_SIZE);
    const files = this.#pages.get(page);
    if (!files && this.#source) {
      this.#pages.set(page, []);
      void this.#read(this.#source, page, DIGEST_POLL_MS);
    }
    return files?.[index % PAGE_SIZE];
  }

  async #read(source: FileSource, page: number, delayMs: number): Promise<void> {
    const files = await source.read(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
    if (source !== this.#source || !this.#isConnected) return;
    this.#pages.set(page, files);
    this.#host.requestUpdate();
    if (files.every(({ sha256 }) => sha256 !== null)) return;
    setTimeout(() => {
      if (source === this.#source && this.#isConnected) void this.#read(source, page, 2 * delayMs);
    }, delayMs);
  }
}
