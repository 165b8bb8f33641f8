import { createDeepLink } from '../../src/shared/deep-link.ts';
import type { Notice } from '../../src/shared/messages.ts';

/** Focuses or opens a tab of the app, and shows this upload in it; null shows the queue. */
export async function showApp(clients: Clients, appUrl: string, uploadId: string | null): Promise<void> {
  const [tab] = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (!tab) {
    await clients.openWindow(uploadId === null ? appUrl : createDeepLink(appUrl, uploadId));
    return;
  }
  // Post before focusing: the browser may refuse the focus.
  if (uploadId !== null) tab.postMessage({ type: 'show', id: uploadId } satisfies Notice);
  await tab.focus();
}
