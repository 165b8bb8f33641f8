/** Older samples do not count, in ms. */
const WINDOW_MS = 120_000;
/**
 * The browser counts a chunk as sent once it lies in the socket buffer. Over a shorter time, in ms,
 * only such steps show.
 */
const MIN_SPAN_MS = 30_000;

interface Sample {
  readonly bytes: number;
  readonly at: number;
}

/**
 * The rate of a sender that only counts its bytes. The first sample is left out: its bytes have
 * only reached the socket buffer, and share the link with requests that were in flight before.
 */
export class ByteRate {
  #samples: Sample[] = [];
  #bytes = 0;
  #isFirstSample = true;

  /** @param at the time when this total of bytes was sent, in ms of any clock. */
  addSample(bytes: number, at: number): void {
    if (bytes <= this.#bytes) return;
    this.#bytes = bytes;
    if (!this.#isFirstSample) {
      this.#samples = [...this.#samples.filter((sample) => at - sample.at <= WINDOW_MS), { bytes, at }];
    }
    this.#isFirstSample = false;
  }

  /**
   * The rate over the last two minutes with progress; null until the samples span half a minute.
   */
  get bytesPerSecond(): number | null {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < MIN_SPAN_MS) return null;
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }
}
