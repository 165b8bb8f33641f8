import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../support/files.ts';
import { isCompleted, queue, rowsBecome } from '../support/harness.ts';
import { withApp } from '../support/with-app.ts';

describe('over mobile data', () => {
  const made = withApp();

  it('nothing is sent when the user does not want it, and it goes when there is another network', async () => {
    const user = 'saver';
    const file = await makeFile(made.folder.dir, 'dear.bin', 1000);
    const tab = await made.app.signIn(user);
    await meetNetwork('wifi');
    await tab.getByRole('button', { name: 'Status and settings' }).click();
    await tab.getByLabel('Not on mobile data').check();
    await tab.keyboard.press('Escape');
    await meetNetwork('cellular');
    await tab.getByText('Paused: this is mobile data').waitFor();
    await queue(tab, [file.path]);
    await rowsBecome(tab, 1, ({ staged }) => staged);
    await tab.getByText('it waits for the network and goes on when you open this app again').first().waitFor();
    expect(made.server.batches.list(user)).toEqual([]);
    await meetNetwork('wifi');
    await rowsBecome(tab, 1, isCompleted);
  });

  /** Desktops do not tell what network they are on: page and worker are told here, as a phone would. */
  async function meetNetwork(type: 'cellular' | 'wifi'): Promise<void> {
    for (const place of [...made.app.context.serviceWorkers(), ...made.app.context.pages()])
      await (place as Page).evaluate(tell, type);
  }
});

function tell(type: string): void {
  const { connection } = navigator as unknown as { connection: EventTarget };
  Object.defineProperty(connection, 'type', { value: type, configurable: true });
  connection.dispatchEvent(new Event('change'));
}
