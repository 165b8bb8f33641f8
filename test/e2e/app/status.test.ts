import type { Page } from 'playwright-core';
import { describe, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { createStoredUpload, storeUploads } from '../../fixtures/stored-uploads.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { readArrivalText } from '../../page-objects/browser-db.ts';
import { isCompleted, queueFiles, readRows, waitForRows } from '../../page-objects/test-app.ts';
import { holdToastTimers } from '../../page-objects/toasts.ts';

const CHUNK = 256 * 1024;
const settings = { chunkBytes: CHUNK, concurrency: 2 };
const MINUTE_MS = 60_000;

describe('status', () => {
  const fixture = withApp({ browser: 'own' });

  const aFile = (name: string) => makeFile(fixture.folder.dir, name, 20 * CHUNK);

  /** Starts an upload. The server holds all chunks but the first until it releases them. */
  async function startHeldUpload(tab: Page, user: string, name: string): Promise<void> {
    const { path } = await aFile(name);
    fixture.server.faults.before = ({ url }) =>
      url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 200 } : undefined;
    await queueFiles(tab, [path]);
    await until(() => fixture.server.acknowledgedChunks(user).length > 0, 'a first chunk');
    await fixture.server.holdChunks();
    await until(async () => (await readRows(tab)).some(({ chunk0 }) => chunk0), 'the progress of chunk 0');
  }

  it('shows throughput, retries and offline time in numbers', async () => {
    await fixture.app.discoverServer(settings);
    const tab = await fixture.app.signIn('driver', settings);
    let chunks = 0;
    fixture.server.faults.before = ({ url }) => {
      if (!url.endsWith('/upload-chunk')) return undefined;
      // The page receives the failure before the retry starts.
      return ++chunks === 3 ? { kind: 'status', status: 503, retryAfter: '2' } : { kind: 'delay', delayMs: 300 };
    };
    await queueFiles(tab, [(await aFile('road.bin')).path]);
    await until(async () => Number(await readNumber(tab, 'Retries')) > 0, 'a retry');
    await waitForRows(tab, 1, isCompleted);
    await until(async () => /[1-9]\S* .B\/s$/.test(await readNumber(tab, 'Peak')), 'a peak rate');
    await fixture.app.context.setOffline(true);
    await until(async () => /^\d+ sec$/.test(await readNumber(tab, 'Interruptions')), 'the offline time');
  });

  it('shows whether storage is durable and requests it on click', async () => {
    const tab = await fixture.app.signIn('keeper');
    // Chromium may report storage as durable without a request, and the page checks every few
    // seconds. Here only a granted request counts.
    await tab.evaluate(() => {
      const { storage } = navigator;
      const ask = storage.persist.bind(storage);
      let isSafe = false;
      storage.persist = async () => {
        isSafe = await ask();
        return isSafe;
      };
      storage.persisted = async () => isSafe;
    });
    await tab.getByRole('button', { name: 'Settings' }).click();
    const ask = tab.getByRole('button', { name: 'Protect unsent files' });
    await ask.click();
    await tab.getByText('The browser declined.').waitFor();
    const devtools = await fixture.app.context.newCDPSession(tab);
    await devtools.send('Browser.grantPermissions', { permissions: ['durableStorage'], origin: fixture.server.url() });
    await ask.click();
    await tab.getByText('Protected from automatic clean-up.').waitFor();
    await ask.waitFor({ state: 'detached' });
  });

  it('changes the language of the page and of the notifications', async () => {
    const tab = await fixture.app.signIn('polyglot');
    await tab.getByRole('button', { name: 'Settings' }).click();
    const language = tab.locator('select[name=language]');
    await language.selectOption('de');
    await tab.getByRole('heading', { name: 'Noch keine Uploads', includeHidden: true }).waitFor({ state: 'attached' });
    await until(async () => (await readArrivalText(tab)) === 'Hochgeladen', 'the notification texts in German');
    await language.selectOption('en');
    await until(async () => (await readArrivalText(tab)) === 'Uploaded', 'the notification texts in English');
    await tab.evaluate(() => localStorage.removeItem('uploader-language'));
  });

  it('closes the status panel on a click beside it, not on its border', async () => {
    const tab = await fixture.app.signIn('clicker');
    await tab.getByRole('button', { name: 'Settings' }).click();
    const dialog = tab.getByRole('dialog');
    await dialog.click({ position: { x: 8, y: 8 } });
    const language = dialog.getByLabel('Language');
    await language.selectOption('en');
    await tab.mouse.click(5, 5);
    await language.waitFor({ state: 'detached' });
  });

  it('offers to install the app when the browser does', async () => {
    const tab = await fixture.app.signIn('settler');
    await tab.evaluate(() => {
      // The browser fires its own event at a time of its choice.
      addEventListener('beforeinstallprompt', (event) => event.isTrusted && event.stopImmediatePropagation(), {
        capture: true,
      });
      const offer = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
        prompt: async () => {
          document.title = 'asked';
        },
      });
      dispatchEvent(offer);
    });
    const install = tab.getByRole('button', { name: 'Install app' });
    await install.click();
    await until(async () => (await tab.title()) === 'asked', 'the prompt of the browser');
    await install.waitFor({ state: 'detached' });
    // The event may also fire before the page has rendered.
    await tab.addInitScript(() => {
      addEventListener('DOMContentLoaded', () => void dispatchEvent(new Event('beforeinstallprompt')));
    });
    await tab.reload();
    await install.waitFor();
  });

  it('pauses, resumes and clears all uploads at once', async () => {
    const tab = await fixture.app.signIn('conductor', settings);
    await holdToastTimers(tab);
    await startHeldUpload(tab, 'conductor', 'first.bin');
    await queueFiles(tab, [(await aFile('second.bin')).path]);
    await waitForRows(tab, 2, ({ staged }) => staged);
    await tab.getByRole('button', { name: 'Pause all' }).click();
    await waitForRows(tab, 2, ({ status }) => status === 'paused');
    fixture.server.faults.before = undefined;
    fixture.server.releaseChunks();
    await tab.getByRole('button', { name: 'Resume all' }).click();
    await waitForRows(tab, 2, isCompleted);
    await tab.getByRole('button', { name: 'Clear finished' }).click();
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    await tab.getByRole('button', { name: 'Undo' }).click();
    await waitForRows(tab, 2, isCompleted);
  });

  // The last test of this browser, because its clock stays for all later pages.
  it('reports a stalled connection after a minute', async () => {
    const tab = await fixture.app.signIn('waiter', settings);
    await tab.clock.install();
    await tab.reload();
    await startHeldUpload(tab, 'waiter', 'stuck.bin');
    const stalled = tab.getByText('Connection stalled');
    // Progress that was acknowledged before may arrive while the minute runs. The minute counts
    // from the last progress.
    await until(async () => {
      await tab.clock.runFor(MINUTE_MS);
      return stalled.isVisible();
    }, 'the stall message');
    await tab.clock.resume();
    fixture.server.faults.before = undefined;
    fixture.server.releaseChunks();
    await waitForRows(tab, 1, isCompleted);
  });
});

// A browser of its own, because a fake clock stays for all later pages.
describe('status over time', () => {
  const fixture = withApp({ browser: 'own' });

  it('counts down the minutes until the next retry', async () => {
    const tab = await fixture.app.signIn('waiting');
    const nextAttemptAt = Date.now() + 4.4 * MINUTE_MS;
    const wait = { reason: 'backoff', nextAttemptAt, message: '' } as const;
    await storeUploads(tab, [createStoredUpload('waiting', 'later.zip', 1000, { status: 'waiting', wait })]);
    const later = (minutes: number) => `Retrying in ${minutes} min`;
    await tab.getByText(later(4)).waitFor();
    await tab.clock.install();
    await tab.reload();
    await tab.getByText(later(4)).waitFor();
    await tab.clock.runFor(2 * MINUTE_MS);
    await tab.getByText(later(2)).waitFor();
    await tab.getByRole('listitem', { name: later(2) }).waitFor();
  });
});

/** Reads a number beside the throughput chart by its label. */
async function readNumber(tab: Page, name: string): Promise<string> {
  const term = tab.locator('throughput-view dt', { hasText: name });
  return (await term.locator('xpath=following-sibling::dd').innerText()).replace(/\s/g, ' ');
}
