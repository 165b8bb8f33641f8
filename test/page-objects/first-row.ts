import type { Page } from 'playwright-core';

/** When the first row is attached and when it is painted, in ms since the navigation started. */
export interface FirstRowTiming {
  readonly attachedMs: number;
  readonly paintedMs: number;
}

const LOG_PREFIX = 'first row ';

/**
 * Returns a function that reloads the page and measures its first row. The page measures itself,
 * because Playwright runs about 20 ms of script in a page that opens.
 */
export async function measureFirstRow(tab: Page): Promise<() => Promise<FirstRowTiming>> {
  await tab.addInitScript(logFirstRow, LOG_PREFIX);
  return async () => {
    const said = tab.waitForEvent('console', (message) => message.text().startsWith(LOG_PREFIX));
    await tab.reload();
    return JSON.parse((await said).text().slice(LOG_PREFIX.length));
  };
}

/**
 * Runs in the page, so it uses nothing of this module. It declares no named function, to which tsx
 * would add a helper that the page lacks.
 */
function logFirstRow(said: string): void {
  const timer = setInterval(() => {
    const list = document
      .querySelector('upload-app')
      ?.shadowRoot?.querySelector('queue-view')
      ?.shadowRoot?.querySelector('upload-list');
    if (!list?.shadowRoot?.querySelector('upload-row')) return;
    clearInterval(timer);
    const thereMs = performance.now();
    // The row is painted after the next frame.
    requestAnimationFrame(() => {
      setTimeout(() => console.log(said + JSON.stringify({ thereMs, paintedMs: performance.now() })));
    });
  }, 4);
}
