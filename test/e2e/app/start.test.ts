import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { createUploadPerState, storeUploads } from '../../fixtures/stored-uploads.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { storeNewerDatabase } from '../../page-objects/browser-db.ts';
import { queueFiles, waitForRows } from '../../page-objects/test-app.ts';

describe('a sign-in link', () => {
  const made = withApp();

  it('signs in where the app is open already, and says when it is good no more', async () => {
    const tab = await made.app.signIn('first');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to send' }).waitFor();
    await tab.evaluate(() => Object.assign(window, { isSame: true }));
    const link = await made.server.signInLink('second');
    await tab.goto(link);
    await tab.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    expect(await tab.evaluate(() => 'isSame' in window)).toBe(true);
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to send' }).waitFor();
    await tab.goto(link);
    await tab.getByText('This link was used already').waitFor();
  });
});

describe('a language that cannot be fetched', () => {
  const made = withApp();

  it('keeps nobody out, and is said when it is chosen', async () => {
    // The first visit of all: the worker has kept nothing yet.
    const tab = await made.app.context.newPage();
    await tab.goto(`${made.server.url()}/icon.svg`);
    await tab.evaluate(() => localStorage.setItem('uploader-language', 'de'));
    await made.app.context.route('**/assets/{de,ar}-*.js', (route) => route.abort());
    await tab.goto(await made.server.signInLink('reader'));
    await tab.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await tab.getByRole('button', { name: 'Status and settings' }).click();
    await tab.locator('select[name=language]').selectOption('ar');
    await tab.getByRole('alert').getByText('The server could not be reached.').waitFor();
  });
});

describe('a picture of the traffic that cannot be fetched', () => {
  const made = withApp();

  it('is no error, and comes when it can', async () => {
    // The first visit of all: the worker, which would have kept it, is not there yet.
    const tab = await made.app.context.newPage();
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
    await tab.goto(await made.server.signInLink('driver'));
    const file = await makeFile(made.folder.dir, 'road.bin', 100);
    await queueFiles(tab, [file.path]);
    await until(() => refused > 0, 'a first try');
    await tab.unroute('**/assets/throughput-chart-*.js');
    await tab.locator('throughput-view canvas').waitFor();
    expect(errors).toEqual([]);
  });
});

describe('the page', () => {
  const made = withApp();

  it('is not left for a file that is dropped where nobody takes any', async () => {
    const tab = await made.app.openTab();
    await tab.getByRole('heading', { name: 'Sign in to send' }).waitFor();
    expect(await tab.evaluate(isDropPrevented)).toBe(true);
  });

  it('says what went wrong when nothing could be removed, and signs nobody out', async () => {
    const tab = await made.app.signIn('stayer');
    await storeUploads(tab, createUploadPerState('stayer'));
    await waitForRows(tab, 7, () => true);
    await tab.evaluate(() => {
      IDBObjectStore.prototype.delete = () => {
        throw new DOMException('The disk is gone.');
      };
    });
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Remove them and sign out' }).click();
    await tab.locator('toast-list').getByText('The disk is gone.').waitFor();
    await waitForRows(tab, 7, () => true);
  });
});

describe('what keeps the app from starting', () => {
  const made = withApp();
  const said = (tab: Page) => tab.getByRole('alert').getByText('A newer version of this app keeps the uploads here');

  it('stays said, whatever else happens or is answered late', async () => {
    let answer: () => void = () => undefined;
    const tab = await made.app.signIn('latecomer');
    let isAsked = false;
    await tab.route('**/api/auth/refresh', async (route) => {
      isAsked = true;
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      await route.abort();
    });
    await tab.reload();
    await until(() => isAsked, 'the question who is signed in');
    await tab.evaluate(storeNewerDatabase);
    await said(tab).waitFor();
    const failed = tab.waitForEvent('requestfailed');
    answer();
    await failed;
    await tab.evaluate(() => void dispatchEvent(new Event('online')));
    await tab.getByRole('button', { name: 'Reload' }).click({ trial: true });
    await tab.unroute('**/api/auth/refresh');
    await tab.reload();
    await said(tab).waitFor();
    await tab.evaluate(() => void dispatchEvent(new Event('online')));
    await tab.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect(await said(tab).isVisible()).toBe(true);
  });
});

/** Whether the browser would stay where it is when a file is dropped. Runs in the page. */
function isDropPrevented(): boolean {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(['bytes'], 'dropped.txt'));
  const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(drop);
  return drop.defaultPrevented;
}
