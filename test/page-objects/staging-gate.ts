import type { Page } from 'playwright-core';
import { until } from '../fixtures/test-server.ts';

/** The lock that a transaction of staging holds. */
const LOCK = 'store-pieces';

/** Holds staging before a piece, in one page of the app. */
export class StagingGate {
  readonly #tab: Page;

  private constructor(tab: Page) {
    this.#tab = tab;
  }

  /** Holds staging before its first piece. */
  static async close(tab: Page): Promise<StagingGate> {
    await tab.evaluate(hold, LOCK);
    return new StagingGate(tab);
  }

  /** Lets the piece that waits be staged, and holds the one after it. */
  async passOnePiece(): Promise<void> {
    await until(() => this.#tab.evaluate(isAwaited, LOCK), 'a piece that waits');
    await this.#tab.evaluate(holdAgain, LOCK);
  }

  async open(): Promise<void> {
    await this.#tab.evaluate(release);
  }
}

interface Held {
  releaseStaging?: () => void;
}

/** Resolves when the lock is held. Runs in the page, as the functions below. */
function hold(lock: string): Promise<void> {
  return new Promise((isHeld) => {
    void navigator.locks.request(lock, () => {
      isHeld();
      return new Promise<void>((resolve) => {
        (window as Held).releaseStaging = resolve;
      });
    });
  });
}

async function isAwaited(lock: string): Promise<boolean> {
  const { pending = [] } = await navigator.locks.query();
  return pending.some(({ name }) => name === lock);
}

/** The next hold waits behind the piece, so that it comes before the piece after it. */
async function holdAgain(lock: string): Promise<void> {
  const { releaseStaging } = window as Held;
  void navigator.locks.request(
    lock,
    () =>
      new Promise<void>((resolve) => {
        (window as Held).releaseStaging = resolve;
      }),
  );
  // The browser has the request once it answers this question.
  await navigator.locks.query();
  releaseStaging?.();
}

function release(): void {
  (window as Held).releaseStaging?.();
}
