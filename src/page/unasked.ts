/** So long nothing is tried again, in ms: each try costs what the worker had under way. */
const AGAIN_MS = 60_000;
/** In the life of one page. */
const MOST_TRIES = 3;

/**
 * What is handed over without being asked for: each upload once, because what the user took back is not pressed on him. What the
 * browser refused, or what had no session in time, is tried again, not for ever, and only when somebody has used the page since:
 * Chromium allows one start in each tab, and one more for a click or a key.
 */
export class Unasked {
  /** How often each was tried; it is not tried again at `MOST_TRIES`. */
  readonly #tries = new Map<string, number>();
  #againAt = 0;
  #isUsed = true;

  /** @param page what tells of clicks and keys. */
  constructor(page: EventTarget = globalThis) {
    for (const type of ['pointerdown', 'keydown']) page.addEventListener(type, () => this.#use());
  }

  /** Whether one of these is to be handed over now, in ms. */
  isDue(ids: readonly string[], now: number): boolean {
    return this.#isUsed && now >= this.#againAt && ids.some((id) => this.#triesOf(id) < MOST_TRIES);
  }

  /** These were tried, and of them only `left` are still here. */
  tried(ids: readonly string[], left: ReadonlySet<string>, now: number): void {
    for (const id of ids) this.#tries.set(id, left.has(id) ? this.#triesOf(id) + 1 : MOST_TRIES);
    if (!ids.some((id) => left.has(id))) return;
    this.#againAt = now + AGAIN_MS;
    this.#isUsed = false;
  }

  #triesOf(id: string): number {
    return this.#tries.get(id) ?? 0;
  }

  #use(): void {
    this.#isUsed = true;
  }
}
