import { type Readable, Transform, type TransformCallback } from 'node:stream';

/** The bytes of a file part while they arrive, with their count and their times. */
export class ArrivingPart extends Transform {
  readonly field: string;
  #sizeBytes = 0;
  #firstByteAt: number | null = null;
  #lastByteAt: number | null = null;

  /**
   * @param source the stream of the form parser.
   * @param keepsCut whether the part of a form that is cut short ends with the bytes that arrived,
   *   instead of failing.
   */
  constructor(field: string, source: Readable, keepsCut: boolean) {
    super();
    this.field = field;
    // A reader may start later than the failure: it sees that the stream is destroyed.
    this.on('error', () => undefined);
    // Busboy emits an error when a form is cut short, and ends the stream after it.
    source.on('error', (error) => {
      if (!keepsCut) this.destroy(error);
    });
    source.pipe(this);
  }

  /** The bytes so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** In ms, on the clock of `performance.now()`; null before the first byte. */
  get firstByteAt(): number | null {
    return this.#firstByteAt;
  }

  /** In ms, on the clock of `performance.now()`; null before the first byte. */
  get lastByteAt(): number | null {
    return this.#lastByteAt;
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#lastByteAt = performance.now();
    this.#firstByteAt ??= this.#lastByteAt;
    this.#sizeBytes += data.length;
    done(null, data);
  }
}

/** The ms between the first and the last byte of all parts. */
export function measureArrival(parts: readonly ArrivingPart[]): number {
  const first = parts.flatMap(({ firstByteAt }) => firstByteAt ?? []);
  const last = parts.flatMap(({ lastByteAt }) => lastByteAt ?? []);
  return first.length === 0 ? 0 : Math.round(Math.max(...last) - Math.min(...first));
}
