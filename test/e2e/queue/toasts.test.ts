import { describe, expect, it } from 'vitest';
import { createStoredUpload, createUploadPerState, STORED_AT, storeUploads } from '../../fixtures/stored-uploads.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, waitForRows } from '../../page-objects/test-app.ts';
import { holdToastTimers } from '../../page-objects/toasts.ts';

describe('toasts', () => {
  const fixture = withApp();

  it('moves the focus to the next toast, then to the page', async () => {
    const tab = await fixture.app.signIn('tidier');
    await tab.addInitScript(suppressFocusOut);
    const endTime = await holdToastTimers(tab);
    await storeUploads(tab, createUploadPerState('tidier'));
    const dismiss = tab.getByRole('button', { name: 'Dismiss' });
    const focused = tab.locator(':focus');
    await removeTwo();
    await dismiss.first().focus();
    await tab.keyboard.press('Enter');
    await dismiss.nth(1).waitFor({ state: 'detached' });
    await dismiss.and(focused).waitFor();
    await tab.keyboard.press('Enter');
    await tab.locator('main').and(focused).waitFor();
    await removeTwo();
    const undo = tab.getByRole('button', { name: 'Undo' });
    await undo.nth(1).focus();
    await tab.keyboard.press('Enter');
    await undo.nth(1).waitFor({ state: 'detached' });
    await undo.and(focused).waitFor();
    await tab.getByRole('button', { name: 'Settings' }).focus();
    await endTime();
    await undo.waitFor({ state: 'detached' });

    async function removeTwo(): Promise<void> {
      for (const n of [0, 1]) {
        await tab.getByRole('button', { name: 'Remove' }).first().click();
        await dismiss.nth(n).waitFor();
      }
    }
  });

  it('leaves a removed upload out of clearing and of its undo', async () => {
    const tab = await fixture.app.signIn('clearer');
    await holdToastTimers(tab);
    const seeds = ['a.zip', 'b.zip', 'c.zip'].map((name, i) =>
      createStoredUpload('clearer', name, 1000, ARRIVED, { queuedAt: STORED_AT + i }),
    );
    await storeUploads(tab, seeds);
    await waitForRows(tab, 3, isCompleted);
    await tab.getByRole('button', { name: 'Remove' }).first().click();
    await waitForRows(tab, 2, isCompleted);
    await tab.getByRole('button', { name: 'Clear finished' }).click();
    await tab.getByText('2 uploads cleared').waitFor();
    await tab.getByRole('button', { name: 'Undo' }).last().click();
    expect((await waitForRows(tab, 2, isCompleted)).map(({ name }) => name)).toEqual(['b.zip', 'c.zip']);
  });

  it('cancels the removal of an upload that another tab resumed', async () => {
    const [tab, other] = [await fixture.app.signIn('twofold'), await fixture.app.openTab()];
    await holdToastTimers(tab);
    const code = 'bad_form';
    await storeUploads(tab, [
      createStoredUpload('twofold', 'unread.zip', 1000, { status: 'failed', code, message: '', failedAt: STORED_AT }),
    ]);
    await tab.getByRole('button', { name: 'Remove' }).click();
    await waitForRows(tab, 0, () => true);
    await other.reload();
    await other.getByRole('button', { name: 'Try again' }).click();
    await waitForRows(other, 1, ({ status }) => status !== 'failed');
    await tab.getByRole('button', { name: 'Dismiss' }).click();
    await waitForRows(tab, 1, ({ status }) => status !== 'cancelled');
  });
});

const ARRIVED = { status: 'completed', completedAt: STORED_AT, batch: { batch_id: 'b' } } as const;

/** Some engines fire no event when the focused element is removed. Runs in the page. */
function suppressFocusOut(): void {
  addEventListener('focusout', (event) => event.relatedTarget === null && event.stopImmediatePropagation(), true);
}
