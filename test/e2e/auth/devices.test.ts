import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { decodeQR } from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { PHONE } from '../../page-objects/app-page.ts';
import { expectNoAxeViolations } from '../../page-objects/axe.ts';
import { queueFiles, TestApp, waitForRows } from '../../page-objects/test-app.ts';

describe('devices of a user', () => {
  const fixture = withApp();
  const account = (tab: Page, user: string) => tab.getByRole('button', { name: `Account: ⁨${user}⁩` });
  const rows = (tab: Page) => tab.locator('device-list li');

  /** Opens the account with the keyboard. */
  async function openAccount(tab: Page, user: string): Promise<void> {
    await account(tab, user).focus();
    await tab.keyboard.press('Enter');
    await rows(tab).first().waitFor();
  }

  /** Opens a link in a browser of its own. */
  async function openElsewhere(link: string): Promise<{ tab: Page; other: TestApp }> {
    const other = await TestApp.openShared(fixture.server);
    const tab = await other.context.newPage();
    await tab.goto(link);
    return { tab, other };
  }

  it('add one with a QR code, and say so when it has signed in', async () => {
    const tab = await fixture.app.signIn('ada');
    await openAccount(tab, 'ada');
    expect(await rows(tab).count()).toBe(1);
    await rows(tab).getByText('This device').waitFor();
    await tab.getByRole('button', { name: 'Add a device' }).click();
    await tab.getByRole('img', { name: 'QR code of the link' }).waitFor();
    await tab.getByText('Valid for 15 min, for one device.').waitFor();
    await expectNoAxeViolations(tab);
    const link = await tab.getByLabel('Link', { exact: true }).inputValue();
    expect(await scanQrCode(tab)).toBe(link);
    const { tab: phone, other } = await openElsewhere(link);
    await account(phone, 'ada').waitFor();
    await tab.getByText(/^Device added: /).waitFor();
    expect(await rows(tab).count()).toBe(2);
    expect(await tab.getByRole('img', { name: 'QR code of the link' }).count()).toBe(0);
    await other.close();
  });

  it('copy the link, and work on a phone', async () => {
    const tab = await fixture.app.signIn('bea');
    await fixture.app.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await tab.setViewportSize(PHONE);
    await openAccount(tab, 'bea');
    await tab.getByRole('button', { name: 'Add a device' }).click();
    await tab.getByRole('button', { name: 'Copy link' }).click();
    await tab.getByText('Link copied').waitFor();
    const link = await tab.getByLabel('Link', { exact: true }).inputValue();
    expect(await tab.evaluate(() => navigator.clipboard.readText())).toBe(link);
    expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
    await tab.getByRole('button', { name: 'Done' }).click();
    await tab.getByRole('button', { name: 'Add a device' }).and(tab.locator(':focus')).waitFor();
  });

  it('sign another one out after a question, and keep this one', async () => {
    const tab = await fixture.app.signIn('cid');
    const { tab: phone, other } = await openElsewhere(await fixture.server.signInLink('cid'));
    await account(phone, 'cid').waitFor();
    await openAccount(tab, 'cid');
    await expect.poll(() => rows(tab).count()).toBe(2);
    const others = rows(tab).filter({ hasNotText: 'This device' });
    const signOut = others.getByRole('button', { name: /^Sign out/ });
    await signOut.focus();
    await tab.keyboard.press('Enter');
    await tab.getByText('It can’t upload until it signs in again.').waitFor();
    await tab.getByRole('button', { name: 'Sign out device' }).and(tab.locator(':focus')).waitFor();
    await expectNoAxeViolations(tab);
    await tab.getByRole('button', { name: 'Cancel' }).focus();
    await tab.keyboard.press('Enter');
    await signOut.and(tab.locator(':focus')).waitFor();
    await others.getByRole('button', { name: /^Sign out/ }).click();
    await tab.getByRole('button', { name: 'Sign out device' }).click();
    await tab.getByText(/is signed out\.$/).waitFor();
    expect(await rows(tab).count()).toBe(1);
    const file = await makeFile(fixture.folder.dir, 'late.bin', 9);
    await queueFiles(phone, [file.path]);
    await waitForRows(phone, 1, ({ status }) => status === 'waiting: sign-in');
    expect(fixture.server.batches.list('cid')).toEqual([]);
    await other.close();
  });

  it('sign this one out, which asks about its uploads', async () => {
    const tab = await fixture.app.signIn('dot');
    await openAccount(tab, 'dot');
    await rows(tab)
      .getByRole('button', { name: /^Sign out/ })
      .click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
  });

  it('return the focus to the name of the user when the account closes', async () => {
    const tab = await fixture.app.signIn('eli');
    await openAccount(tab, 'eli');
    await tab.keyboard.press('Escape');
    await account(tab, 'eli').and(tab.locator(':focus')).waitFor();
    await openAccount(tab, 'eli');
    await tab.getByRole('button', { name: 'Close' }).click();
    await account(tab, 'eli').and(tab.locator(':focus')).waitFor();
  });

  it('say why they cannot be listed', async () => {
    const tab = await fixture.app.signIn('fox');
    await tab.route('**/api/auth/devices', (route) => route.abort());
    await account(tab, 'fox').click();
    await tab.locator('device-list').getByRole('alert').getByText('Couldn’t reach the server.').waitFor();
  });
});

describe('account at a server of the basic level', () => {
  const fixture = withApp({ server: () => ({ level: 'basic' }) });

  it('has devices, and no guest links', async () => {
    const tab = await fixture.app.signIn('gil');
    await tab.getByRole('button', { name: 'Account: ⁨gil⁩' }).click();
    await tab.locator('device-list li').waitFor();
    await tab.locator('guest-link-list section').waitFor({ state: 'detached' });
    expect(await tab.getByRole('dialog').getByRole('alert').count()).toBe(0);
  });
});

/** Reads the QR code on the page as a camera would. */
async function scanQrCode(tab: Page): Promise<string> {
  const { width, height, data } = PNG.sync.read(await tab.locator('link-share svg.code').screenshot());
  return decodeQR({ width, height, data });
}
