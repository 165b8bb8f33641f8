import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { setLanguage } from '../../page-objects/app-page.ts';
import { expectNoAxeViolations } from '../../page-objects/axe.ts';
import { isCompleted, queueFiles, TestApp, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 256 * 1024;
const LIMITS = { name: 'Photos of the tour', recipient: 'Ada Lovelace', max_files: 3, max_bytes: 10e6, days: 7 };

describe('guest links', () => {
  const fixture = withApp();

  /** Creates a link through the API. */
  async function createLink(owner: string, limits: Partial<typeof LIMITS> = {}) {
    const response = await fetch(`${fixture.server.url()}/api/guest-links`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await fixture.server.issueToken(owner)}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ ...LIMITS, ...limits }),
    });
    const { token, guest_link_id: id } = await response.json();
    return { id, token, url: `${fixture.server.url()}/#guest=${token}` };
  }

  async function deleteLink(owner: string, id: string): Promise<void> {
    const headers = { Authorization: `Bearer ${await fixture.server.issueToken(owner)}` };
    await fetch(`${fixture.server.url()}/api/guest-links/${id}`, { method: 'DELETE', headers });
  }

  /** Runs a test in the browser of a guest. */
  async function asGuest(url: string, act: (tab: Page, guest: TestApp) => Promise<void>): Promise<void> {
    const guest = await TestApp.openShared(fixture.server);
    try {
      const tab = await guest.context.newPage();
      await tab.goto(`${fixture.server.url()}/icon.svg`);
      await tab.evaluate(
        (text) => localStorage.setItem('uploader-settings', text),
        JSON.stringify({ chunkBytes: CHUNK }),
      );
      await tab.goto(url);
      await act(tab, guest);
    } finally {
      await guest.close();
    }
  }

  const openAccount = async (tab: Page, user: string) => {
    await tab.getByRole('button', { name: `Account: ⁨${user}⁩` }).click();
    await tab.getByRole('heading', { name: 'Receive files' }).waitFor();
  };

  it('are created with limits, shared, listed and deleted by the user', async () => {
    const tab = await fixture.app.signIn('ada');
    await openAccount(tab, 'ada');
    await tab.getByRole('button', { name: 'New link' }).click();
    await tab.getByLabel('Subject').fill('Scans of May');
    expect(await tab.getByLabel('Your name, as they see it').inputValue()).toBe('ada');
    await tab.getByLabel('Files, at most').fill('2');
    await tab.getByLabel('Total size, at most (GB)').fill('0.5');
    await tab.getByLabel('Valid for (days)').fill('3');
    await tab.keyboard.press('Enter');
    await tab.getByRole('img', { name: 'QR code of the link' }).waitFor();
    await expectNoAxeViolations(tab);
    const link = await tab.getByLabel('Link', { exact: true }).inputValue();
    await tab.getByRole('button', { name: 'Done' }).click();
    await tab.getByText('0 of 2 files, 0 bytes of 500 MB').waitFor();
    const file = await makeFile(fixture.folder.dir, 'scan.bin', 3 * CHUNK);
    await asGuest(link, async (guest) => {
      await guest.getByRole('heading', { name: 'Send files to ⁨ada⁩' }).waitFor();
      await queueFiles(guest, [file.path]);
      await waitForRows(guest, 1, isCompleted);
      await guest.getByText('1 file and 499 MB left').waitFor();
    });
    await expectArrived(fixture.server, 'ada', file);
    await tab.keyboard.press('Escape');
    await openAccount(tab, 'ada');
    await tab.getByText(/1 of 2 files/).waitFor();
    await tab.getByRole('button', { name: 'Delete the link ⁨Scans of May⁩' }).click();
    await tab.getByText('Files that have arrived stay.').waitFor();
    await tab.getByRole('button', { name: 'Delete link', exact: true }).click();
    await tab.getByText('Link deleted.').waitFor();
    expect(await tab.locator('guest-link-list li').count()).toBe(0);
    await asGuest(link, async (guest) => {
      await guest.getByRole('heading', { name: 'This link has expired or was deleted.' }).waitFor();
    });
  });

  it('show guests the recipient, the limits and their own uploads only', async () => {
    const file = await makeFile(fixture.folder.dir, 'tour.bin', 5 * CHUNK);
    const { url } = await createLink('bea');
    await asGuest(url, async (tab, guest) => {
      await tab.getByRole('heading', { name: 'Send files to ⁨Ada Lovelace⁩' }).waitFor();
      await tab.getByText('Photos of the tour').waitFor();
      await tab.getByText('3 files and 10.0 MB left').waitFor();
      await expectNoAxeViolations(tab);
      expect(tab.url()).not.toContain('guest');
      const read: string[] = [];
      tab.on('response', (response) => read.push(`${response.request().method()} ${new URL(response.url()).pathname}`));
      await queueFiles(tab, [file.path]);
      await waitForRows(tab, 1, isCompleted);
      await tab.getByText('2 files and 8.7 MB left').waitFor();
      // A second tab, and a reload, belong to the same guest.
      const second = await guest.context.newPage();
      await second.goto(fixture.server.url());
      await second.getByRole('heading', { name: 'Send files to ⁨Ada Lovelace⁩' }).waitFor();
      await waitForRows(second, 1, isCompleted);
      for (const path of read.filter((entry) => entry.includes('/api/'))) expect(path).toContain('/api/guest/');
    });
    await asGuest(url, async (tab) => {
      await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    });
    await expectArrived(fixture.server, 'bea', file);
  });

  it('say that they take no more files, and refuse in words for guests', async () => {
    const { url } = await createLink('cid', { max_files: 1 });
    const [first, second] = [
      await makeFile(fixture.folder.dir, 'first.bin', 10),
      await makeFile(fixture.folder.dir, 'second.bin', 11),
    ];
    await asGuest(url, async (tab) => {
      await tab.getByRole('heading', { name: /^Send files/ }).waitFor();
      await queueFiles(tab, [first.path]);
      await waitForRows(tab, 1, isCompleted);
      await tab.getByText('This link takes no more files.', { exact: true }).waitFor();
      await queueFiles(tab, [second.path]);
      await waitForRows(tab, 2, ({ status }) => ['completed', 'failed'].includes(status));
      await tab.getByText('This link takes no more files. Ask the recipient for another one.').waitFor();
    });
    await expectArrived(fixture.server, 'cid', first);
  });

  it('say that they were deleted during a visit, and keep the uploads', async () => {
    const { url, id } = await createLink('dot');
    const file = await makeFile(fixture.folder.dir, 'late.bin', 12);
    await asGuest(url, async (tab) => {
      await tab.getByRole('heading', { name: /^Send files/ }).waitFor();
      await deleteLink('dot', id);
      await queueFiles(tab, [file.path]);
      await waitForRows(tab, 1, ({ status }) => status === 'waiting: sign-in');
      await tab.getByRole('heading', { name: 'This link has expired or was deleted.' }).waitFor();
      await tab.locator('upload-row').getByText('This link no longer works').waitFor();
      await expectNoAxeViolations(tab);
      expect(await tab.getByText('Sign in').count()).toBe(0);
    });
    expect(fixture.server.batches.list('dot')).toEqual([]);
  });

  it('ask a signed-in user, who returns by leaving', async () => {
    const { url } = await createLink('eve');
    const file = await makeFile(fixture.folder.dir, 'gift.bin', 2 * CHUNK);
    const tab = await fixture.app.signIn('fay');
    await tab.goto(url);
    const dialog = tab.getByRole('dialog', { name: 'You’re signed in as ⁨fay⁩. Send files as a guest instead?' });
    await dialog.waitFor();
    await expectNoAxeViolations(tab);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await tab.getByRole('button', { name: 'Account: ⁨fay⁩' }).waitFor();
    expect(tab.url()).not.toContain('guest');
    await tab.goto(url);
    await dialog.getByRole('button', { name: 'Continue as guest' }).click();
    await tab.getByRole('heading', { name: 'Send files to ⁨Ada Lovelace⁩' }).waitFor();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await tab.getByRole('button', { name: 'Leave' }).click();
    await tab.getByRole('button', { name: 'Keep and leave' }).click();
    await tab.getByRole('button', { name: 'Account: ⁨fay⁩' }).waitFor();
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    await expectArrived(fixture.server, 'eve', file);
    expect(fixture.server.batches.list('fay')).toEqual([]);
  });

  it('ask a guest who opens a sign-in link', async () => {
    const { url } = await createLink('gus');
    await asGuest(url, async (tab) => {
      await tab.getByRole('heading', { name: /^Send files/ }).waitFor();
      await tab.goto(await fixture.server.signInLink('hal'));
      await tab.getByRole('dialog', { name: 'You’re sending files as a guest.' }).waitFor();
      await tab.getByRole('button', { name: 'Switch user' }).click();
      await tab.getByRole('button', { name: 'Account: ⁨hal⁩' }).waitFor();
    });
  });

  it('change every open tab when the user becomes a guest', async () => {
    const { url } = await createLink('ida');
    const first = await fixture.app.signIn('joe');
    const second = await fixture.app.openTab();
    await second.getByRole('button', { name: 'Account: ⁨joe⁩' }).waitFor();
    await second.goto(url);
    await second.getByRole('button', { name: 'Continue as guest' }).click();
    for (const tab of [first, second]) await tab.getByRole('heading', { name: /^Send files/ }).waitFor();
    await second.getByRole('button', { name: 'Leave' }).click();
    for (const tab of [first, second]) await tab.getByRole('button', { name: 'Account: ⁨joe⁩' }).waitFor();
  });

  it.each(['de', 'ar'] as const)('have pages without axe violations in another language (%s)', async (language) => {
    const { url } = await createLink(`kim ${language}`);
    await asGuest(url, async (tab) => {
      await tab.getByRole('heading', { name: /^Send files/ }).waitFor();
      await setLanguage(tab, language);
      await tab.locator('guest-banner h2').getByText('Ada Lovelace').waitFor();
      await expectNoAxeViolations(tab);
    });
    const user = `lea ${language}`;
    const tab = await fixture.app.signIn(user);
    try {
      await setLanguage(tab, language);
      await tab.locator('account-button button').first().click();
      await tab.locator('device-list li').first().waitFor();
      await tab.locator('guest-link-list .create').click();
      await expectNoAxeViolations(tab);
      await tab.keyboard.press('Escape');
    } finally {
      await setLanguage(tab, 'en');
    }
  });
});
