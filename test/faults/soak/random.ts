/** Pseudo-random numbers, equal for equal seeds (mulberry32). Not for secrets. */
export class Random {
  #state: number;

  /** @param name separates streams of one seed, so that a change in one leaves the others alone */
  constructor(seed: number, name: string) {
    this.#state = [...name].reduce((state, letter) => Math.imul(state ^ letter.charCodeAt(0), 0x01000193), seed | 0);
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in `[from, to)`. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from));
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.whole(0, items.length)] ?? items[0];
  }

  /** A separate stream for values that are drawn later. */
  fork(): Random {
    return new Random(this.whole(0, 2 ** 31), 'fork');
  }
}
