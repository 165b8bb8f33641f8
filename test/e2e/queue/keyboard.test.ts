import type { Page } from 'playwright-core';
import { describe, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { createPausedUploads, createStoredUpload, STORED_AT, storeUploads } from '../../fixtures/stored-uploads.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { queueFiles, waitForRows } from '../../page-objects/test-app.ts';
import { holdToastTimers } from '../../page-objects/toasts.ts';

describe('keyboard in the queue', () => {
  const fixture = withApp();

  const row = (tab: Page, name: string | RegExp) => tab.getByRole('listitem', { name });

  it('acts on the focused upload although another row was added before it', async () => {
    const user = 'typist';
    const file = await makeFile(fixture.folder.dir, 'new.bin', 10);
    const tab = await fixture.app.signIn(user);
    await holdToastTimers(tab);
    await storeUploads(
      tab,
      ['old.zip', 'older.zip'].map((name, i) =>
        createStoredUpload(user, name, 1000, { status: 'paused' }, { queuedAt: STORED_AT - i }),
      ),
    );
    await tab.getByLabel('Sort by').selectOption('newest');
    await row(tab, 'old.zip').focus();
    await queueFiles(tab, [file.path]);
    await row(tab, /new\.bin.*Uploaded/).waitFor();
    await row(tab, 'old.zip').and(tab.locator(':focus')).waitFor();
    await tab.keyboard.press('Delete');
    await tab.locator('toast-list').getByText('old.zip').waitFor();
    await tab.getByRole('button', { name: 'Dismiss' }).click();
    await waitForRows(tab, 3, ({ name, status }) => (name === 'old.zip') === (status === 'cancelled'));
  });

  it('continues from the focused row after scrolling', async () => {
    const user = 'scroller';
    const tab = await fixture.app.signIn(user);
    await storeUploads(tab, createPausedUploads(user, 200));
    await tab.locator('[role=listitem][aria-setsize="200"]').first().waitFor();
    await row(tab, 'Record 2.zip').focus();
    await tab.mouse.move(600, 400);
    await tab.mouse.wheel(0, 10_000);
    await row(tab, 'Record 110.zip').waitFor();
    await tab.keyboard.press('ArrowDown');
    await row(tab, 'Record 3.zip').and(tab.locator(':focus')).waitFor();
  });
});
