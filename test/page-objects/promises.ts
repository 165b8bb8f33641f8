import type { Page } from 'playwright-core';

/** What the page says of a queue with one upload. */
export interface Promised {
  /** The state of the row, with a time as `N`. */
  readonly state: string;
  /** What happens if the page is closed, in the row. */
  readonly forecast: string;
  /** The status bar; empty if nothing is known. */
  readonly status: string;
  /** The banner above the queue. */
  readonly banner: string;
  /** Sizes, rate and time left, in the row and in the summary. */
  readonly numbers: string;
}

/** Reads what the page says of its only upload. */
export async function readPromises(tab: Page): Promise<Promised> {
  return tab.evaluate(() => {
    const find = (...path: string[]) => {
      let found: Element | null | undefined = document.querySelector(path[0] ?? '');
      for (const selector of path.slice(1)) found = found?.shadowRoot?.querySelector(selector);
      return found;
    };
    const read = (...path: string[]) => (find(...path)?.textContent ?? '').replace(/\s+/g, ' ').trim();
    const queue = ['upload-app', 'queue-view'];
    const row = [...queue, 'upload-list', 'upload-row'];
    return {
      state: read(...row, '.state').replace(/\d+/g, 'N'),
      forecast: read(...row, '.outcome'),
      status: read('upload-app', 'app-footer', 'status-bar', '[role=status]').replace(/\d+/g, 'N'),
      banner: read('upload-app', 'server-banner', 'p'),
      numbers: [read(...row, '.numbers'), read(...queue, 'queue-summary', '.numbers')].join(' | '),
    };
  });
}

/** Any rate or time left. */
export const RATE_OR_TIME = /\/s|\bleft\b/;
/** A forecast that names an end. */
export const END = /Done in/;
