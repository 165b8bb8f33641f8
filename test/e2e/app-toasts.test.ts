import { describe, it } from 'vitest';
import { everyState, sow } from '../support/scene.ts';
import { holdToasts } from '../support/toasts.ts';
import { withApp } from '../support/with-app.ts';

describe('what is said in passing', () => {
  const made = withApp();

  it('leaves the focus to the next, the last one to the page, and goes by itself when the focus is elsewhere', async () => {
    const tab = await made.app.signIn('tidier');
    await tab.addInitScript(sayNothingOfLostFocus);
    const endTime = await holdToasts(tab);
    await sow(tab, everyState('tidier'));
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
    await tab.getByRole('button', { name: 'Status and settings' }).focus();
    await endTime();
    await undo.waitFor({ state: 'detached' });

    async function removeTwo(): Promise<void> {
      for (const n of [0, 1]) {
        await tab.getByRole('button', { name: 'Remove' }).first().click();
        await dismiss.nth(n).waitFor();
      }
    }
  });
});

/** As in engines that fire nothing when what has the focus is removed. Runs in the page. */
function sayNothingOfLostFocus(): void {
  addEventListener('focusout', (event) => event.relatedTarget === null && event.stopImmediatePropagation(), true);
}
