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

describe('the page tells', () => {
  const made = withApp({ browser: 'own' });

  const aFile = (name: string) => makeFile(made.folder.dir, name, 20 * CHUNK);

  /** A file on its way, of which the server holds all but the first chunks until it is released. */
  async function begun(tab: Page, user: string, name: string): Promise<void> {
    const { path } = await aFile(name);
    made.server.faults.before = ({ url }) =>
      url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 200 } : undefined;
    await queueFiles(tab, [path]);
    await until(() => made.server.acknowledgedChunks(user).length > 0, 'a first chunk');
    await made.server.holdChunks();
    await until(async () => (await readRows(tab)).some(({ chunk0 }) => chunk0), 'word of it');
  }

  it('in numbers how fast it went, what was tried again and how long there was no network', async () => {
    await made.app.discoverServer(settings);
    const tab = await made.app.signIn('driver', settings);
    let chunks = 0;
    made.server.faults.before = ({ url }) => {
      if (!url.endsWith('/upload-chunk')) return undefined;
      // So late that the page has heard of it before it is tried again.
      return ++chunks === 3 ? { kind: 'status', status: 503, retryAfter: '2' } : { kind: 'delay', delayMs: 300 };
    };
    await queueFiles(tab, [(await aFile('road.bin')).path]);
    await until(async () => Number(await fact(tab, 'Tried again')) > 0, 'that something was tried again');
    await waitForRows(tab, 1, isCompleted);
    await until(async () => /[1-9]\S* .B\/s$/.test(await fact(tab, 'Peak')), 'a rate');
    await made.app.context.setOffline(true);
    await until(async () => /^\d+ sec$/.test(await fact(tab, 'Offline')), 'the offline spell');
  });

  it('whether what is kept here is safe, and asks for it when it is wanted', async () => {
    const tab = await made.app.signIn('keeper');
    // Chromium counts as safe what it may keep, and the page looks every few seconds: here only what was asked for is.
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
    await tab.getByRole('button', { name: 'Status and settings' }).click();
    const ask = tab.getByRole('button', { name: 'Make storage durable' });
    await ask.click();
    await tab.getByText('The browser said no.').waitFor();
    const devtools = await made.app.context.newCDPSession(tab);
    await devtools.send('Browser.grantPermissions', { permissions: ['durableStorage'], origin: made.server.url() });
    await ask.click();
    await tab.getByText('Durable: the browser does not clear it by itself.').waitFor();
    await ask.waitFor({ state: 'detached' });
  });

  it('everything in the language that is chosen, also while it is closed', async () => {
    const tab = await made.app.signIn('polyglot');
    await tab.getByRole('button', { name: 'Status and settings' }).click();
    const language = tab.locator('select[name=language]');
    await language.selectOption('de');
    await tab.getByRole('heading', { name: 'Noch nichts hier', includeHidden: true }).waitFor({ state: 'attached' });
    await until(async () => (await readArrivalText(tab)) === 'Angekommen', 'the words of notifications');
    await language.selectOption('en');
    await until(async () => (await readArrivalText(tab)) === 'Arrived', 'those of before');
    await tab.evaluate(() => localStorage.removeItem('uploader-language'));
  });

  it('how things stand until a click beside it, not on its edge', async () => {
    const tab = await made.app.signIn('clicker');
    await tab.getByRole('button', { name: 'Status and settings' }).click();
    const dialog = tab.getByRole('dialog');
    await dialog.click({ position: { x: 8, y: 8 } });
    const language = dialog.getByLabel('Language');
    await language.selectOption('en');
    await tab.mouse.click(5, 5);
    await language.waitFor({ state: 'detached' });
  });

  it('that it can be installed, when the browser does', async () => {
    const tab = await made.app.signIn('settler');
    await tab.evaluate(() => {
      // The browser offers it too when it finds the time for it.
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
    await until(async () => (await tab.title()) === 'asked', 'the browser’s own question');
    await install.waitFor({ state: 'detached' });
    // Also where that is before the page shows anything.
    await tab.addInitScript(() => {
      addEventListener('DOMContentLoaded', () => void dispatchEvent(new Event('beforeinstallprompt')));
    });
    await tab.reload();
    await install.waitFor();
  });

  it('everything at once to stop, to go on, and to leave when it has arrived', async () => {
    const tab = await made.app.signIn('conductor', settings);
    await holdToastTimers(tab);
    await begun(tab, 'conductor', 'first.bin');
    await queueFiles(tab, [(await aFile('second.bin')).path]);
    await waitForRows(tab, 2, ({ staged }) => staged);
    await tab.getByRole('button', { name: 'Pause all' }).click();
    await waitForRows(tab, 2, ({ status }) => status === 'paused');
    made.server.faults.before = undefined;
    made.server.releaseChunks();
    await tab.getByRole('button', { name: 'Resume all' }).click();
    await waitForRows(tab, 2, isCompleted);
    await tab.getByRole('button', { name: 'Clear finished' }).click();
    await tab.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await tab.getByRole('button', { name: 'Undo' }).click();
    await waitForRows(tab, 2, isCompleted);
  });

  // The last one: its clock is that of all pages after it.
  it('that the connection does not move, after a minute', async () => {
    const tab = await made.app.signIn('waiter', settings);
    await tab.clock.install();
    await tab.reload();
    await begun(tab, 'waiter', 'stuck.bin');
    const stalled = tab.getByText('Stalled: the connection does not move');
    // What had arrived before may be told while the minutes already run: a minute counts from the last that was.
    await until(async () => {
      await tab.clock.runFor(MINUTE_MS);
      return stalled.isVisible();
    }, 'the word for it');
    await tab.clock.resume();
    made.server.faults.before = undefined;
    made.server.releaseChunks();
    await waitForRows(tab, 1, isCompleted);
  });
});

// A clock of its own: the one of a test is that of all the pages after it.
describe('the page tells with time', () => {
  const made = withApp({ browser: 'own' });

  it('how long it is until something is tried again, as that runs down', async () => {
    const tab = await made.app.signIn('waiting');
    const nextAttemptAt = Date.now() + 4.4 * MINUTE_MS;
    const wait = { reason: 'backoff', nextAttemptAt, message: '' } as const;
    await storeUploads(tab, [createStoredUpload('waiting', 'later.zip', 1000, { status: 'waiting', wait })]);
    const later = (minutes: number) => `Waits and tries again in ${minutes} min`;
    await tab.getByText(later(4)).waitFor();
    await tab.clock.install();
    await tab.reload();
    await tab.getByText(later(4)).waitFor();
    await tab.clock.runFor(2 * MINUTE_MS);
    await tab.getByText(later(2)).waitFor();
    await tab.getByRole('listitem', { name: later(2) }).waitFor();
  });
});

/** What the throughput picture says beside it under a name. */
async function fact(tab: Page, name: string): Promise<string> {
  const term = tab.locator('throughput-view dt', { hasText: name });
  return (await term.locator('xpath=following-sibling::dd').innerText()).replace(/\s/g, ' ');
}
