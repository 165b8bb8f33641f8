import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, type TestApp, waitForRows } from '../../page-objects/test-app.ts';

const WAITS = 'it waits for the network and goes on when you open this app again';

describe('over mobile data', () => {
  const made = withApp();

  it('nothing is sent when the user does not want it, and it goes when there is another network', async () => {
    const user = 'saver';
    const file = await makeFile(made.folder.dir, 'dear.bin', 1000);
    const tab = await made.app.signIn(user);
    await meetNetwork(made.app, 'wifi');
    await wish(tab);
    await meetNetwork(made.app, 'cellular');
    await tab.getByText('Paused: this is mobile data').waitFor();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ staged }) => staged);
    await tab.getByText(WAITS).first().waitFor();
    expect(made.server.batches.list(user)).toEqual([]);
    await meetNetwork(made.app, 'wifi');
    await waitForRows(tab, 1, isCompleted);
  });
});

describe('over mobile data, while a new server is still asked what it can', () => {
  const made = withApp();

  it('nothing is sent from the moment on at which the user does not want it', async () => {
    const user = 'thrifty';
    const file = await makeFile(made.folder.dir, 'dearer.bin', 1000);
    made.server.faults.before = ({ method }) => (method === 'GET' ? { kind: 'delay', delayMs: 5000 } : undefined);
    const tab = await made.app.signIn(user);
    await meetNetwork(made.app, 'cellular');
    await wish(tab);
    await tab.getByText('Paused: this is mobile data').waitFor();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ staged }) => staged);
    await tab.getByText(WAITS).first().waitFor();
    expect(made.server.batches.list(user)).toEqual([]);
  });
});

async function wish(tab: Page): Promise<void> {
  await tab.getByRole('button', { name: 'Status and settings' }).click();
  await tab.getByLabel('Not on mobile data').check();
  await tab.keyboard.press('Escape');
}

/** Desktops do not tell what network they are on: page and worker are told here, as a phone would. */
async function meetNetwork({ context }: TestApp, type: 'cellular' | 'wifi'): Promise<void> {
  for (const place of [...context.serviceWorkers(), ...context.pages()]) await (place as Page).evaluate(tell, type);
}

function tell(type: string): void {
  const { connection } = navigator as unknown as { connection: EventTarget };
  Object.defineProperty(connection, 'type', { value: type, configurable: true });
  connection.dispatchEvent(new Event('change'));
}
