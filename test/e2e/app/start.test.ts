import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { createUploadPerState, storeUploads } from '../../fixtures/stored-uploads.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { storeNewerDatabase } from '../../page-objects/browser-db.ts';
import { queueFiles, waitForRows } from '../../page-objects/test-app.ts';

describe('sign-in link', () => {
  const fixture = withApp();

  it('signs in the open app and reports a link that was used before', async () => {
    const tab = await fixture.app.signIn('first');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    await tab.evaluate(() => Object.assign(window, { isSame: true }));
    const link = await fixture.server.signInLink('second');
    await tab.goto(link);
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    expect(await tab.evaluate(() => 'isSame' in window)).toBe(true);
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    await tab.goto(link);
    await tab.getByText('This link has been used').waitFor();
  });
});

describe('sign-in link whose response is lost', () => {
  const fixture = withApp();

  it('signs in when the page is loaded again', async () => {
    const tab = await fixture.app.context.newPage();
    let lost = 0;
    await tab.route('**/api/auth/session', async (route) => {
      if (lost++ > 0) return route.continue();
      await route.fetch();
      await fixture.app.context.clearCookies();
      await route.abort();
    });
    await tab.goto(await fixture.server.signInLink('unlucky'));
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    expect(lost).toBe(1);
    await tab.reload();
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    expect(await tab.evaluate(() => localStorage.getItem('sign-in-browser'))).toBe(null);
  });
});

describe('missing translation', () => {
  const fixture = withApp();

  it('starts in English and reports a language that cannot be loaded', async () => {
    // On the first visit the worker has cached nothing yet.
    const tab = await fixture.app.context.newPage();
    await tab.goto(`${fixture.server.url()}/icon.svg`);
    await tab.evaluate(() => localStorage.setItem('uploader-language', 'de'));
    await fixture.app.context.route('**/assets/{de,ar}-*.js', (route) => route.abort());
    await tab.goto(await fixture.server.signInLink('reader'));
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    await tab.getByRole('button', { name: 'Settings' }).click();
    await tab.locator('select[name=language]').selectOption('ar');
    await tab.getByRole('alert').getByText('Couldn’t reach the server.').waitFor();
  });
});

describe('missing chart script', () => {
  const fixture = withApp();

  it('loads the throughput chart when its script becomes available', async () => {
    // On the first visit no worker has cached the script yet.
    const tab = await fixture.app.context.newPage();
    await tab.addInitScript(() => {
      navigator.serviceWorker.register = () => new Promise(() => undefined);
    });
    const errors: string[] = [];
    tab.on('pageerror', (error) => errors.push(error.message));
    let refused = 0;
    await tab.route('**/assets/throughput-chart-*.js', (route) => {
      refused++;
      return route.abort();
    });
    await tab.goto(await fixture.server.signInLink('driver'));
    const file = await makeFile(fixture.folder.dir, 'road.bin', 100);
    await queueFiles(tab, [file.path]);
    await until(() => refused > 0, 'a first request');
    await tab.unroute('**/assets/throughput-chart-*.js');
    await tab.locator('throughput-view canvas').waitFor();
    expect(errors).toEqual([]);
  });
});

describe('missing parts', () => {
  const fixture = withApp();
  const PARTS = '**/assets/{status-panel,upload-details,add-review}-*.js';
  const UNREACHABLE = 'Couldn’t reach the server.';

  it('reports a part that cannot be loaded, and loads it on the next attempt', async () => {
    // On the first visit no worker has cached the parts yet.
    const tab = await fixture.app.context.newPage();
    await tab.addInitScript(() => {
      navigator.serviceWorker.register = () => new Promise(() => undefined);
    });
    await tab.route(PARTS, (route) => route.abort());
    await tab.goto(await fixture.server.signInLink('early'));
    const file = await makeFile(fixture.folder.dir, 'early.bin', 100);
    await queueFiles(tab, [file.path]);
    const [settings, details] = ['Settings', 'Details'].map((name) => tab.getByRole('button', { name }));
    await settings?.click();
    await tab.locator('toast-list').getByText(UNREACHABLE).waitFor();
    await details?.click();
    await tab.locator('upload-row').getByRole('alert').getByText(UNREACHABLE).waitFor();
    // The same file asks for a review.
    await queueFiles(tab, [file.path]);
    await tab.locator('add-files').getByRole('alert').getByText(UNREACHABLE).waitFor();
    await tab.unroute(PARTS);
    await queueFiles(tab, [file.path]);
    await tab.getByRole('heading', { name: 'Check before uploading' }).waitFor();
    await details?.click();
    await details?.click();
    await tab.getByRole('region', { name: 'Details' }).waitFor();
    await settings?.click();
    await tab.getByRole('dialog', { name: 'Settings' }).waitFor();
  });
});

describe('page', () => {
  const fixture = withApp();

  it('stays on the page when a file is dropped outside the drop zone', async () => {
    const tab = await fixture.app.openTab();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    expect(await tab.evaluate(isDropPrevented)).toBe(true);
  });

  it('reports a failed removal and stays signed in', async () => {
    const tab = await fixture.app.signIn('stayer');
    await storeUploads(tab, createUploadPerState('stayer'));
    await waitForRows(tab, 7, () => true);
    await tab.evaluate(() => {
      IDBObjectStore.prototype.delete = () => {
        throw new DOMException('The disk is gone.');
      };
    });
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Delete and sign out' }).click();
    await tab.locator('toast-list').getByText('The disk is gone.').waitFor();
    await waitForRows(tab, 7, () => true);
  });
});

describe('error at start', () => {
  const fixture = withApp();
  const findMessage = (tab: Page) => tab.getByRole('alert').getByText('A newer version of this app is in use here');

  it('keeps the message about a newer version through later events', async () => {
    let answer: () => void = () => undefined;
    const tab = await fixture.app.signIn('latecomer');
    let isAsked = false;
    await tab.route('**/api/auth/refresh', async (route) => {
      isAsked = true;
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      await route.abort();
    });
    await tab.reload();
    await until(() => isAsked, 'the refresh request');
    await tab.evaluate(storeNewerDatabase);
    await findMessage(tab).waitFor();
    const failed = tab.waitForEvent('requestfailed');
    answer();
    await failed;
    await tab.evaluate(() => void dispatchEvent(new Event('online')));
    await tab.getByRole('button', { name: 'Reload' }).click({ trial: true });
    await tab.unroute('**/api/auth/refresh');
    await tab.reload();
    await findMessage(tab).waitFor();
    await tab.evaluate(() => void dispatchEvent(new Event('online')));
    await tab.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect(await findMessage(tab).isVisible()).toBe(true);
  });
});

/** Whether the browser stays on the page when a file is dropped. Runs in the page. */
function isDropPrevented(): boolean {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(['bytes'], 'dropped.txt'));
  const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(drop);
  return drop.defaultPrevented;
}
