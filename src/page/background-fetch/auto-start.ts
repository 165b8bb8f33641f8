/** So long nothing is tried again, in ms: each try costs what the worker had under way. */
const RETRY_MS = 60_000;
/** In the life of one page. */
const MAX_TRIES = 3;

/**
 * What is handed over without being asked for: each upload once, because what the user took back is not pressed on him. What the
 * browser refused, or what had no session in time, is tried again, not for ever, and only when somebody has used the page since:
 * Chromium allows one start in each tab, and one more for a click or a key.
 */
export class AutoStart {
  /** How often each was tried; it is not tried again at `MOST_TRIES`. */
  readonly #tries = new Map<string, number>();
  #nextTryAt = 0;
  #hasUserInput = true;

  /** @param page what tells of clicks and keys. */
  constructor(page: EventTarget = globalThis) {
    for (const type of ['pointerdown', 'keydown']) page.addEventListener(type, () => this.#onUserInput());
  }

  /** Whether one of these is to be handed over now, in ms. */
  isDue(ids: readonly string[], now: number): boolean {
    return this.#hasUserInput && now >= this.#nextTryAt && ids.some((id) => this.#getTries(id) < MAX_TRIES);
  }

  /** These were tried, and of them only `left` are still here. */
  recordTry(ids: readonly string[], left: ReadonlySet<string>, now: number): void {
    for (const id of ids) this.#tries.set(id, left.has(id) ? this.#getTries(id) + 1 : MAX_TRIES);
    if (!ids.some((id) => left.has(id))) return;
    this.#nextTryAt = now + RETRY_MS;
    this.#hasUserInput = false;
  }

  #getTries(id: string): number {
    return this.#tries.get(id) ?? 0;
  }

  #onUserInput(): void {
    this.#hasUserInput = true;
  }
}
