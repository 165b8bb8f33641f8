import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, type TestApp, waitForRows } from '../../page-objects/test-app.ts';

const WAITS = 'Safe to close. Resumes when you reopen the app.';

describe('cellular data', () => {
  const fixture = withApp();

  it('pauses on cellular data and resumes on another network', async () => {
    const user = 'saver';
    const file = await makeFile(fixture.folder.dir, 'dear.bin', 1000);
    const tab = await fixture.app.signIn(user);
    await setNetworkType(fixture.app, 'wifi');
    await pauseOnCellular(tab);
    await setNetworkType(fixture.app, 'cellular');
    await tab.getByText('Paused: on mobile data').waitFor();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ staged }) => staged);
    await tab.getByText(WAITS).first().waitFor();
    expect(fixture.server.batches.list(user)).toEqual([]);
    await setNetworkType(fixture.app, 'wifi');
    await waitForRows(tab, 1, isCompleted);
  });
});

describe('cellular data during server discovery', () => {
  const fixture = withApp();

  it('sends nothing after the user chooses to pause on cellular data', async () => {
    const user = 'thrifty';
    const file = await makeFile(fixture.folder.dir, 'dearer.bin', 1000);
    fixture.server.faults.before = ({ method }) => (method === 'GET' ? { kind: 'delay', delayMs: 5000 } : undefined);
    const tab = await fixture.app.signIn(user);
    await setNetworkType(fixture.app, 'cellular');
    await pauseOnCellular(tab);
    await tab.getByText('Paused: on mobile data').waitFor();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ staged }) => staged);
    await tab.getByText(WAITS).first().waitFor();
    expect(fixture.server.batches.list(user)).toEqual([]);
  });
});

async function pauseOnCellular(tab: Page): Promise<void> {
  await tab.getByRole('button', { name: 'Settings' }).click();
  await tab.getByLabel('Upload on Wi-Fi only').check();
  await tab.keyboard.press('Escape');
}

/** Desktop browsers report no network type. Page and worker get one here, as on a phone. */
async function setNetworkType({ context }: TestApp, type: 'cellular' | 'wifi'): Promise<void> {
  for (const place of [...context.serviceWorkers(), ...context.pages()])
    await (place as Page).evaluate(changeType, type);
}

function changeType(type: string): void {
  const { connection } = navigator as unknown as { connection: EventTarget };
  Object.defineProperty(connection, 'type', { value: type, configurable: true });
  connection.dispatchEvent(new Event('change'));
}
