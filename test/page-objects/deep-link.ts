import type { Page, Worker } from 'playwright-core';
import { until } from '../fixtures/test-server.ts';

/** Waits until the row of an upload is focused, visible and open. */
export function waitForFocusedUpload(tab: Page, id: string): Promise<void> {
  return until(
    () => tab.evaluate(readFocusedUploadId).then((found) => found === id),
    `the focus on upload ${id}`,
    20_000,
  );
}

/** The id in the row that is focused, visible and open. Runs in the page. */
function readFocusedUploadId(): string | null {
  const list = document
    .querySelector('upload-app')
    ?.shadowRoot?.querySelector('queue-view')
    ?.shadowRoot?.querySelector('upload-list')?.shadowRoot;
  const row = list?.activeElement?.querySelector<HTMLElement>('upload-row');
  const { top = -1 } = row?.getBoundingClientRect() ?? {};
  const isOpen = top >= 0 && top < innerHeight && row?.shadowRoot?.querySelector('upload-details');
  return isOpen ? (row?.dataset.id ?? null) : null;
}

/** Records the URLs that the worker opens. A browser opens none without a user gesture. */
export async function recordOpenedWindows(worker: Worker): Promise<() => Promise<readonly string[]>> {
  await worker.evaluate(() => {
    const scope = globalThis as unknown as { clients: { openWindow: unknown }; opened: string[] };
    scope.opened = [];
    scope.clients.openWindow = async (url: string) => void scope.opened.push(url);
  });
  return () => worker.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
}
