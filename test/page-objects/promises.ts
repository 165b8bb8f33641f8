import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What the page says of a queue with one upload. Every number is `N`. */
interface Promises {
  /** The state of the row. */
  readonly state: string;
  /** What happens to the upload if the page is closed; empty if nothing is promised. */
  readonly forecast: string;
  /** The status bar; empty if nothing is known of the server. */
  readonly status: string;
  /** The banner about the server; empty without one. */
  readonly banner: string;
  /** Sizes, rate and time left, of the row and of the summary. */
  readonly numbers: string;
}

/** Reads what the page says of its only upload. */
function readPromises(tab: Page): Promise<Promises> {
  return tab.evaluate(() => {
    const read = (...path: string[]) => {
      let root: ParentNode | null | undefined = document;
      let found: Element | null = null;
      for (const selector of path) {
        found = root?.querySelector(selector) ?? null;
        root = found?.shadowRoot;
      }
      return (found?.textContent ?? '')
        .replace(/\s+/g, ' ')
        .replace(/\d+(\.\d+)?/g, 'N')
        .trim();
    };
    const queue = ['upload-app', 'queue-view'];
    const row = [...queue, 'upload-list', 'upload-row'];
    return {
      state: read(...row, '.state'),
      forecast: read(...row, '.outcome'),
      // The first text is the long one; a phone shows the short one.
      status: read('upload-app', 'app-footer', 'status-bar', '[role=status] .text'),
      banner: read('upload-app', 'server-banner', 'p'),
      numbers: `${read(...row, '.numbers')} | ${read(...queue, 'queue-summary', '.numbers')}`,
    };
  });
}

/** Waits until the page says this, and expects that it shows no rate and no end. */
export async function expectPromises(tab: Page, promises: Partial<Promises>): Promise<void> {
  await expect.poll(() => readPromises(tab), { timeout: 60_000 }).toMatchObject(promises);
  const { forecast, numbers, status } = await readPromises(tab);
  expect(numbers).not.toMatch(/\/s|left/);
  expect(forecast).not.toMatch(/Done in/);
  expect(status).not.toBe('Online');
}
