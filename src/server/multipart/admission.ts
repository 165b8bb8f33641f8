import { ApiError, EarlyRefusal } from '../errors.ts';

/** All text fields of a form together: their names and values. */
const MAX_FIELD_BYTES = 1024 * 1024;
/** Enough for the fields of a chunk with a ticket. */
const STRANGER_FIELD_BYTES = 4 * 1024;

/** A sender who may prove with fields of the form that they are known. */
export interface Stranger {
  /** The response until then. */
  readonly refusal: ApiError;
  /** How long the proof may take. */
  readonly maxMs: number;
}

/** Limits what the fields of one form cost, above all before the sender is known. */
export class Admission {
  readonly #stop: (error: Error) => void;
  readonly #timer: NodeJS.Timeout | undefined;
  #stranger: Stranger | null;
  #fieldBytes = 0;

  /**
   * @param stranger null when the sender is known.
   * @param stop ends the reading of the form.
   */
  constructor(stranger: Stranger | null, stop: (error: Error) => void) {
    this.#stranger = stranger;
    this.#stop = stop;
    if (stranger) this.#timer = setTimeout(() => stop(new EarlyRefusal(late())), stranger.maxMs);
  }

  get isSenderKnown(): boolean {
    return this.#stranger === null;
  }

  /** The size of one field that the parser may collect. */
  static getMaxFieldBytes(stranger: Stranger | null): number {
    return stranger ? STRANGER_FIELD_BYTES : 64 * 1024;
  }

  /** @returns whether the form may have a field of this size. */
  addField(name: string, value: string): boolean {
    this.#fieldBytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (this.#stranger && this.#fieldBytes > STRANGER_FIELD_BYTES) this.refuse();
    return this.#fieldBytes <= MAX_FIELD_BYTES;
  }

  /** The sender is known. */
  admit(): void {
    this.#stranger = null;
    clearTimeout(this.#timer);
  }

  /** The sender is still a stranger although a file begins: nothing more is read. */
  refuse(): void {
    if (this.#stranger) this.#stop(new EarlyRefusal(this.#stranger.refusal));
  }

  /** The form has ended. */
  end(): void {
    clearTimeout(this.#timer);
  }
}

function late(): ApiError {
  return new ApiError(408, 'request_timeout', 'The request took too long to arrive. Send it again.');
}
