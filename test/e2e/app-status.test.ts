import type { Page } from 'playwright-core';
import { describe, it } from 'vitest';
import { makeFile } from '../support/files.ts';
import { isCompleted, queue, rowsBecome, rowsOf } from '../support/harness.ts';
import { until } from '../support/test-server.ts';
import { withApp } from '../support/with-app.ts';

const CHUNK = 256 * 1024;
const settings = { chunkBytes: CHUNK, concurrency: 2 };
const MINUTE_MS = 60_000;

describe('the page tells', () => {
  const made = withApp();

  /** A file on its way, of which the first chunk has arrived. */
  async function begun(tab: Page, name: string): Promise<void> {
    const file = await makeFile(made.folder.dir, name, 20 * CHUNK);
    made.server.faults.before = ({ url }) =>
      url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 200 } : undefined;
    await queue(tab, [file.path]);
    await until(async () => (await rowsOf(tab)).some(({ chunk0 }) => chunk0), 'a first chunk');
  }

  it('in numbers how fast it went, what was tried again and how long there was no network', async () => {
    await made.app.meetServer(settings);
    const tab = await made.app.signIn('driver', settings);
    await begun(tab, 'road.bin');
    let refusals = 1;
    made.server.faults.before = ({ url }) => {
      if (!url.endsWith('/upload-chunk')) return undefined;
      return refusals-- > 0 ? { kind: 'status', status: 503 } : { kind: 'delay', delayMs: 300 };
    };
    await until(async () => Number(await fact(tab, 'Tried again')) > 0, 'that something was tried again');
    await rowsBecome(tab, 1, isCompleted);
    await until(async () => /[1-9]\S* .B\/s$/.test(await fact(tab, 'Peak')), 'a rate');
    await made.app.context.setOffline(true);
    await until(async () => /^\d+ sec$/.test(await fact(tab, 'Offline')), 'the offline spell');
  });

  it('that the connection does not move, after a minute', async () => {
    const tab = await made.app.signIn('waiter', settings);
    await tab.clock.install();
    await tab.reload();
    await begun(tab, 'stuck.bin');
    await made.server.hold();
    const stalled = tab.getByText('Stalled: the connection does not move');
    // What had arrived before may be told while the minutes already run: a minute counts from the last that was.
    await until(async () => {
      await tab.clock.runFor(MINUTE_MS);
      return stalled.isVisible();
    }, 'the word for it');
    await tab.clock.resume();
    made.server.faults.before = undefined;
    made.server.release();
    await rowsBecome(tab, 1, isCompleted);
  });

  it('whether what is kept here is safe, and asks for it when it is wanted', async () => {
    const tab = await made.app.signIn('keeper');
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

  it('that it can be installed, when the browser does', async () => {
    const tab = await made.app.signIn('settler');
    await tab.evaluate(() => {
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
  });

  it('everything at once to stop, to go on, and to leave when it has arrived', async () => {
    const tab = await made.app.signIn('conductor', settings);
    await begun(tab, 'first.bin');
    await begun(tab, 'second.bin');
    await tab.getByRole('button', { name: 'Pause all' }).click();
    await rowsBecome(tab, 2, ({ status }) => status === 'paused');
    await tab.getByRole('button', { name: 'Resume all' }).click();
    await rowsBecome(tab, 2, isCompleted);
    await tab.getByRole('button', { name: 'Clear finished' }).click();
    await tab.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await tab.getByRole('button', { name: 'Undo' }).click();
    await rowsBecome(tab, 2, isCompleted);
  });
});

/** What the throughput picture says beside it under a name. */
async function fact(tab: Page, name: string): Promise<string> {
  const term = tab.locator('traffic-view dt', { hasText: name });
  return (await term.locator('xpath=following-sibling::dd').innerText()).replace(/\s/g, ' ');
}
