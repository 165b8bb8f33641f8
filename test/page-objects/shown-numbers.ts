import type { Page } from 'playwright-core';
import { until } from '../fixtures/test-server.ts';

/** The numbers of the first row as the page shows them, and what has arrived by then. */
export interface ShownSample {
  /** In ms since the observation began. */
  readonly at: number;
  readonly shownBytes: number;
  /** Read before and after the page. */
  readonly arrivedBytes: readonly [number, number];
  /** The texts for bytes, rate and time left. */
  readonly texts: readonly string[];
}

const INTERVAL_MS = 200;

/**
 * Compares the page with what has arrived, several times a second, until an upload is completed or
 * the time is over.
 */
export async function observeNumbers(tab: Page, getArrivedBytes: () => number, ms: number): Promise<ShownSample[]> {
  const samples: ShownSample[] = [];
  const startedAt = performance.now();
  let nextAt = 0;
  const observe = async () => {
    const at = performance.now() - startedAt;
    if (at < nextAt) return false;
    nextAt += INTERVAL_MS;
    const before = getArrivedBytes();
    const shown = await tab.evaluate(readFirstRow);
    if (shown) samples.push({ at, ...shown, arrivedBytes: [before, getArrivedBytes()] });
    return at >= ms || shown?.status === 'completed';
  };
  await until(observe, 'the end of the observation', 2 * ms + 30_000);
  return samples;
}

/** Runs in the page. */
function readFirstRow(): { shownBytes: number; status: string; texts: string[] } | null {
  const list = document
    .querySelector('upload-app')
    ?.shadowRoot?.querySelector('queue-view')
    ?.shadowRoot?.querySelector('upload-list');
  const row = list?.shadowRoot?.querySelector<HTMLElement>('upload-row');
  if (!row) return null;
  const texts = Array.from(row.shadowRoot?.querySelectorAll('.numbers bdi') ?? [], ({ textContent }) => textContent);
  return { shownBytes: Number(row.dataset.bytes), status: row.dataset.status ?? '', texts };
}
