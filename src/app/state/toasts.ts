/**
 * A message with an optional action to undo; `commit` runs when the toast disappears without an
 * answer.
 */
export interface ToastContent {
  readonly text: string;
  readonly isBad?: boolean;
  readonly undo?: () => Promise<void>;
  readonly commit?: () => Promise<void>;
}

export type Toast = ToastContent & { readonly id: number };

/** Long enough to read a toast and to reach it by keyboard. */
const DURATION_MS = 8000;
const MAX_VISIBLE = 3;

/** Why the timer is stopped. */
export type HoldReason = 'pointer' | 'focus';

/** Short messages. Shows the last few, and hides all when the time is over. */
export class Toasts extends EventTarget {
  #all: Toast[] = [];
  #nextId = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #holds = new Set<HoldReason>();

  get all(): readonly Toast[] {
    return this.#all.slice(-MAX_VISIBLE);
  }

  show(content: ToastContent): void {
    this.#all = [...this.#all, { ...content, id: this.#nextId++ }];
    this.#restartTimer();
    this.emitChange();
  }

  /** Removes a toast and commits its action. */
  dismiss(id: number): void {
    void this.#remove(id)?.commit?.();
  }

  undo(id: number): void {
    void this.#remove(id)?.undo?.();
  }

  /** Undoes the latest action that can be undone; false if there is none. */
  undoLast(): boolean {
    const last = this.#all.findLast(({ undo }) => undo !== undefined);
    if (last) this.undo(last.id);
    return last !== undefined;
  }

  /**
   * Commits all actions now. A page that is closed earlier never runs this, so its actions are not
   * carried out.
   */
  flush(): void {
    for (const { id } of this.#all) this.dismiss(id);
  }

  /** Stops the timer while the pointer or the focus is on a toast. */
  hold(reason: HoldReason): void {
    this.#holds.add(reason);
    clearTimeout(this.#timer);
  }

  release(reason: HoldReason): void {
    this.#holds.delete(reason);
    this.#restartTimer();
  }

  emitChange(): void {
    this.dispatchEvent(new Event('change'));
  }

  #remove(id: number): Toast | undefined {
    const removed = this.#all.find((toast) => toast.id === id);
    this.#all = this.#all.filter((toast) => toast !== removed);
    // Some engines fire neither `focusout` nor `pointerleave` for an element that is removed.
    if (this.#all.length === 0) this.#holds.clear();
    this.emitChange();
    return removed;
  }

  #restartTimer(): void {
    clearTimeout(this.#timer);
    if (this.#holds.size === 0) this.#timer = setTimeout(() => this.flush(), DURATION_MS);
  }
}
