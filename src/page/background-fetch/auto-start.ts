/** The time between two tries, in ms: each try costs the requests in flight. */
const RETRY_MS = 60_000;
/** Per upload, in the life of one page. */
const MAX_TRIES = 3;

/**
 * Decides when a Background Fetch starts automatically. An upload is tried once, because the user
 * may have aborted it on purpose. An upload that the browser refused, or that had no session in
 * time, is tried again, up to `MAX_TRIES` and only after user input: Chromium allows one start per
 * tab, and another one after each click or key press.
 */
export class AutoStart {
  /** By upload. At `MAX_TRIES` an upload is not tried again. */
  readonly #tries = new Map<string, number>();
  #nextTryAt = 0;
  #hasUserInput = true;

  /** @param page the target of clicks and keys. */
  constructor(page: EventTarget = globalThis) {
    for (const type of ['pointerdown', 'keydown']) page.addEventListener(type, () => this.#onUserInput());
  }

  /** Whether a Background Fetch of these uploads should start now; `now` in ms. */
  isDue(ids: readonly string[], now: number): boolean {
    return this.#hasUserInput && now >= this.#nextTryAt && ids.some((id) => this.#getTries(id) < MAX_TRIES);
  }

  /** Records a try, after which these uploads still wait for a Background Fetch: `left`. */
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
