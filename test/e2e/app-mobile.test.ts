import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, makeFile, tempFolder } from '../support/files.ts';
import { isCompleted, queue, rowsBecome, TestApp } from '../support/harness.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

describe('over mobile data', () => {
  let server: TestServer;
  let app: TestApp;
  let folder: Folder;

  beforeAll(async () => {
    folder = await tempFolder();
    server = await startServer();
    app = await TestApp.launch(server);
  });

  afterAll(async () => {
    await app?.close();
    await server?.close();
    await folder?.remove();
  });

  it('nothing is sent when the user does not want it, and it goes when there is another network', async () => {
    const user = 'saver';
    const file = await makeFile(folder.dir, 'dear.bin', 1000);
    const tab = await app.signIn(user);
    await meetNetwork('wifi');
    await tab.getByRole('button', { name: 'Status and settings' }).click();
    await tab.getByLabel('Not on mobile data').check();
    await tab.keyboard.press('Escape');
    await meetNetwork('cellular');
    await tab.getByText('Paused: this is mobile data').waitFor();
    await queue(tab, [file.path]);
    await rowsBecome(tab, 1, ({ staged }) => staged);
    await tab.getByText('it waits for the network and goes on when you open this app again').first().waitFor();
    expect(server.batches.list(user)).toEqual([]);
    await meetNetwork('wifi');
    await rowsBecome(tab, 1, isCompleted);
  });

  /** Desktops do not tell what network they are on: page and worker are told here, as a phone would. */
  async function meetNetwork(type: 'cellular' | 'wifi'): Promise<void> {
    for (const place of [...app.context.serviceWorkers(), ...app.context.pages()])
      await (place as Page).evaluate(tell, type);
  }
});

function tell(type: string): void {
  const { connection } = navigator as unknown as { connection: EventTarget };
  Object.defineProperty(connection, 'type', { value: type, configurable: true });
  connection.dispatchEvent(new Event('change'));
}
