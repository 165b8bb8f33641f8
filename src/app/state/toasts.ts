/** Said in passing; `commit` is what happens when it goes away unanswered. */
export interface ToastContent {
  readonly text: string;
  readonly isBad?: boolean;
  readonly undo?: () => Promise<void>;
  readonly commit?: () => Promise<void>;
}

export type Toast = ToastContent & { readonly id: number };

/** Long enough to read and to reach by keys; it does not run while the pointer or the focus is on it. */
const SHOWN_MS = 8000;
const MOST = 3;

/** With what somebody is at what was said. */
export type HoldReason = 'pointer' | 'focus';

/** What is said in passing; the few last things of it are shown. */
export class Toasts extends EventTarget {
  #all: Toast[] = [];
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #held = new Set<HoldReason>();

  get all(): readonly Toast[] {
    return this.#all.slice(-MOST);
  }

  show(said: ToastContent): void {
    this.#all = [...this.#all, { ...said, id: this.#next++ }];
    this.#start();
    this.emitChange();
  }

  /** Takes one away; what it stood for is done. */
  dismiss(id: number): void {
    void this.#take(id)?.commit?.();
  }

  undo(id: number): void {
    void this.#take(id)?.undo?.();
  }

  /** Undoes the last one that can be undone; false when there is none. */
  undoLast(): boolean {
    const last = this.#all.findLast(({ undo }) => undo !== undefined);
    if (last) this.undo(last.id);
    return last !== undefined;
  }

  /** Does at once everything that stands for something. A page that goes away does not get so far: then it is left undone. */
  flush(): void {
    for (const { id } of this.#all) this.dismiss(id);
  }

  /** Stops the clock while somebody looks. */
  hold(by: HoldReason): void {
    this.#held.add(by);
    clearTimeout(this.#timer);
  }

  release(by: HoldReason): void {
    this.#held.delete(by);
    this.#start();
  }

  emitChange(): void {
    this.dispatchEvent(new Event('change'));
  }

  #take(id: number): Toast | undefined {
    const taken = this.#all.find((toast) => toast.id === id);
    this.#all = this.#all.filter((toast) => toast !== taken);
    // Not every engine tells that pointer and focus are gone with what they were on.
    if (this.#all.length === 0) this.#held.clear();
    this.emitChange();
    return taken;
  }

  #start(): void {
    clearTimeout(this.#timer);
    if (this.#held.size === 0) this.#timer = setTimeout(() => this.flush(), SHOWN_MS);
  }
}
