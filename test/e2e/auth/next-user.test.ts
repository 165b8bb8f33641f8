import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { expireSignIn } from '../../page-objects/expire-sign-in.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

describe('the next user of a browser', () => {
  const fixture = withApp();

  /** Signs in, types into the form, uploads a file and removes it from the list. */
  async function leaveTraces(user: string): Promise<Page> {
    const file = await makeFile(fixture.folder.dir, `report of ${user}.bin`, 1000);
    const tab = await fixture.app.signIn(user);
    await tab.getByLabel('Task ID').fill(`task of ${user}`);
    await tab.getByLabel('Notes').fill(`notes of ${user}`);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await tab.getByRole('searchbox').fill('report');
    await tab.getByText(`report of ${user}.bin`).first().waitFor({ state: 'attached' });
    await tab.waitForFunction(readAnnouncement);
    await tab.getByRole('button', { name: 'Remove', exact: true }).click();
    await tab.getByText(`Removed`).first().waitFor();
    return tab;
  }

  async function expectNothingOf(user: string, tab: Page): Promise<void> {
    const traces = await tab.evaluate(readTraces);
    for (const [place, text] of Object.entries(traces)) expect(text, place).not.toContain(user);
  }

  it('finds nothing of a user who has signed out', async () => {
    const tab = await leaveTraces('alice');
    const other = await fixture.app.openTab();
    await other.getByRole('button', { name: 'Sign out' }).waitFor();
    await signOut(tab);
    for (const each of [tab, other]) {
      await each.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
      expect(await each.locator('#files').count()).toBe(0);
      await expectNothingOf('alice', each);
    }
  });

  it('sends nothing that a user typed whose sign-in ended in any way', async () => {
    const file = await makeFile(fixture.folder.dir, 'plain.bin', 1000);
    const ends = [
      { user: 'carol', next: 'dave', end: signOut },
      { user: 'erin', next: 'frank', end: (tab: Page) => expireSignIn(fixture.server, tab) },
      { user: 'heidi', next: 'ivan', end: async () => undefined },
    ];
    for (const { user, next, end } of ends) {
      const before = await leaveTraces(user);
      await end(before);
      const tab = await fixture.app.signIn(next);
      await queueFiles(tab, [file.path]);
      await waitForRows(tab, 1, isCompleted);
      expect(fixture.server.batches.list(next)).toMatchObject([{ taskId: null, notes: null }]);
      for (const each of [tab, before]) await expectNothingOf(user, each);
    }
  });

  it('keeps what a user typed for the next visit of the same user', async () => {
    const tab = await leaveTraces('grace');
    await tab.reload();
    await tab.locator('#files').waitFor();
    expect(await tab.getByLabel('Notes').inputValue()).toBe('notes of grace');
  });
});

async function signOut(tab: Page): Promise<void> {
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await tab.getByRole('button', { name: 'Keep and sign out' }).click();
  await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
}

function readAnnouncement(): string {
  const region = document.querySelector('upload-app')?.shadowRoot?.querySelector('.visually-hidden[role=status]');
  return region?.textContent?.trim() ?? '';
}

/** Everything that the page shows or stores, apart from the uploads. Runs in the page. */
async function readTraces(): Promise<Record<string, string>> {
  const roots: (Element | ShadowRoot)[] = [document.documentElement];
  // The loop extends the array that it iterates.
  for (const root of roots) {
    for (const { shadowRoot } of root.querySelectorAll('*')) if (shadowRoot) roots.push(shadowRoot);
  }
  const fields = roots.flatMap((root) => [...root.querySelectorAll('input')].map(({ value }) => value));
  const settings = await new Promise<unknown>((resolve) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onsuccess = () => {
      const store = opening.result.transaction('settings').objectStore('settings');
      const [keys, values] = [store.getAllKeys(), store.getAll()];
      values.onsuccess = () => resolve([keys.result, values.result]);
      opening.result.close();
    };
  });
  return {
    page: roots.map(({ innerHTML }) => innerHTML).join(),
    fields: fields.join(),
    title: document.title,
    url: location.href + JSON.stringify(history.state),
    localStorage: JSON.stringify({ ...localStorage }),
    sessionStorage: JSON.stringify({ ...sessionStorage }),
    settings: JSON.stringify(settings),
  };
}
