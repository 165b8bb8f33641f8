import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { setLanguage } from '../../page-objects/app-page.ts';
import { expectNoAxeViolations } from '../../page-objects/axe.ts';
import { readAccessToken } from '../../page-objects/browser-db.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

describe('sign-in link of another user', () => {
  const fixture = withApp();
  const dialog = (tab: Page) => tab.getByRole('dialog', { name: 'You’re signed in as ⁨ada⁩.' });
  const user = (tab: Page, name: string) => tab.getByRole('button', { name: `Account: ⁨${name}⁩` });

  it('asks before it switches, and keeps the user on Cancel', async () => {
    const tab = await fixture.app.signIn('ada');
    await user(tab, 'ada').waitFor();
    const token = await readAccessToken(tab);
    const link = await fixture.server.signInLink('ben');
    await tab.goto(link);
    await dialog(tab).getByText('Sign in as ⁨ben⁩ instead?').waitFor();
    await expectNoAxeViolations(tab);
    await dialog(tab).getByText('The uploads of ⁨ada⁩ stay in this browser').waitFor();
    expect(await tab.getByRole('button', { name: 'Cancel' }).evaluate((button) => button.matches(':focus'))).toBe(true);
    await tab.getByRole('button', { name: 'Cancel' }).click();
    await user(tab, 'ada').waitFor();
    expect(tab.url()).not.toContain('code');
    expect(await readAccessToken(tab)).toBe(token);
    await tab.reload();
    await user(tab, 'ada').waitFor();
    // The link is unspent: it signs in the browser of its user.
    const other = await fixture.app.context.browser()?.newContext();
    const page = await other?.newPage();
    await page?.goto(link);
    await page?.getByRole('button', { name: 'Account: ⁨ben⁩' }).waitFor();
    await other?.close();
  });

  it('asks in a new tab too, and Escape keeps the user', async () => {
    await fixture.app.signIn('ada');
    const tab = await fixture.app.context.newPage();
    await tab.goto(await fixture.server.signInLink('ben'));
    await dialog(tab).waitFor();
    await tab.keyboard.press('Escape');
    await user(tab, 'ada').waitFor();
    expect(await dialog(tab).count()).toBe(0);
  });

  it('switches when the user agrees, and keeps the uploads of the first one', async () => {
    const file = await makeFile(fixture.folder.dir, 'kept.bin', 1000);
    const tab = await fixture.app.signIn('ada');
    await fixture.app.context.setOffline(true);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ staged }) => staged);
    await tab.getByRole('button', { name: 'Pause all' }).click();
    await waitForRows(tab, 1, ({ status }) => status === 'paused');
    await fixture.app.context.setOffline(false);
    await tab.goto(await fixture.server.signInLink('ben'));
    await dialog(tab).getByRole('button', { name: 'Switch user' }).click();
    await user(tab, 'ben').waitFor();
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    expect(fixture.server.batches.list('ada')).toEqual([]);
    const back = await fixture.app.signIn('ada');
    await waitForRows(back, 1, ({ status }) => status === 'paused');
    await back.getByRole('button', { name: 'Resume all' }).click();
    await waitForRows(back, 1, isCompleted);
    await expectArrived(fixture.server, 'ada', file);
    expect(fixture.server.batches.list('ben')).toEqual([]);
  });

  it('asks nothing for a link of the signed-in user', async () => {
    const tab = await fixture.app.signIn('ada');
    await tab.goto(await fixture.server.signInLink('ada'));
    await expect.poll(() => tab.url()).not.toContain('code');
    await user(tab, 'ada').waitFor();
    expect(await tab.locator('switch-user').count()).toBe(0);
  });

  it.each(['de', 'ar'] as const)('asks without axe violations in another language (%s)', async (language) => {
    const tab = await fixture.app.signIn('ada');
    try {
      await setLanguage(tab, language);
      await tab.goto(await fixture.server.signInLink('ben'));
      await tab.getByRole('dialog').waitFor();
      await expectNoAxeViolations(tab);
      await tab.keyboard.press('Escape');
    } finally {
      await setLanguage(tab, 'en');
    }
  });
});
