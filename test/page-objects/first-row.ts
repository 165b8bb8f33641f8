import type { Page } from 'playwright-core';

/** When the first row of the queue stands in the page and when it is painted, in ms since the navigation began. */
export interface FirstRowTiming {
  readonly attachedMs: number;
  readonly paintedMs: number;
}

const LOG_PREFIX = 'first row ';

/**
 * Loads a page anew as often as it is called, and tells when its first row stood. The page itself says when: to look from
 * outside, the driver runs some 20 ms of script in a page that just opens.
 */
export async function measureFirstRow(tab: Page): Promise<() => Promise<FirstRowTiming>> {
  await tab.addInitScript(logFirstRow, LOG_PREFIX);
  return async () => {
    const said = tab.waitForEvent('console', (message) => message.text().startsWith(LOG_PREFIX));
    await tab.reload();
    return JSON.parse((await said).text().slice(LOG_PREFIX.length));
  };
}

/** Sent to the page, so it knows nothing but itself and has no functions with names: tsx would add to those what the page has not. */
function logFirstRow(said: string): void {
  const timer = setInterval(() => {
    const list = document
      .querySelector('upload-app')
      ?.shadowRoot?.querySelector('queue-view')
      ?.shadowRoot?.querySelector('upload-list');
    if (!list?.shadowRoot?.querySelector('upload-row')) return;
    clearInterval(timer);
    const thereMs = performance.now();
    // After the next frame it has been painted.
    requestAnimationFrame(() => {
      setTimeout(() => console.log(said + JSON.stringify({ thereMs, paintedMs: performance.now() })));
    });
  }, 4);
}
