import type { Page, Worker } from 'playwright-core';
import { until } from '../fixtures/test-server.ts';

/** Waits until the row of this upload has the focus, lies in the window, and shows its details. */
export function waitForFocusedUpload(tab: Page, id: string): Promise<void> {
  return until(() => tab.evaluate(readFocusedUploadId).then((found) => found === id), `the focus on ${id}`, 20_000);
}

/** The id of the row that has the focus, lies in the window and shows its details. */
function readFocusedUploadId(): string | null {
  const list = document
    .querySelector('upload-app')
    ?.shadowRoot?.querySelector('queue-view')
    ?.shadowRoot?.querySelector('upload-list')?.shadowRoot;
  const row = list?.activeElement?.querySelector<HTMLElement>('upload-row');
  const { top = -1 } = row?.getBoundingClientRect() ?? {};
  const isSeen = top >= 0 && top < innerHeight && row?.shadowRoot?.querySelector('upload-details');
  return isSeen ? (row?.dataset.id ?? null) : null;
}

/** Has the worker write down which addresses it opens: without a person's click no browser lets it. */
export async function recordOpenedWindows(worker: Worker): Promise<() => Promise<readonly string[]>> {
  await worker.evaluate(() => {
    const scope = globalThis as unknown as { clients: { openWindow: unknown }; opened: string[] };
    scope.opened = [];
    scope.clients.openWindow = async (url: string) => void scope.opened.push(url);
  });
  return () => worker.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
}
