/** Counts older than this say little of now, in ms. */
const WINDOW_MS = 120_000;
/** The browser counts a chunk as sent when all of it lies in the socket: over less time than this, in ms, only such steps show. */
const MIN_SPAN_MS = 30_000;

interface Sample {
  readonly bytes: number;
  readonly at: number;
}

/**
 * How fast somebody else sends, by the bytes that it says to have sent. It begins with the second count: what is counted first
 * has gone no further than the socket, and until the next one leaves, so does what others had on their way before.
 */
export class ByteRate {
  #samples: Sample[] = [];
  #bytes = 0;
  #isFirstSample = true;

  /** @param at when so many bytes in all were sent, in ms of any clock. */
  addSample(bytes: number, at: number): void {
    if (bytes <= this.#bytes) return;
    this.#bytes = bytes;
    if (!this.#isFirstSample)
      this.#samples = [...this.#samples.filter((count) => at - count.at <= WINDOW_MS), { bytes, at }];
    this.#isFirstSample = false;
  }

  /** Bytes per second in the last two minutes in which any were sent; null while that was not seen for long enough. */
  get bytesPerSecond(): number | null {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < MIN_SPAN_MS) return null;
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }
}
