import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createPausedUploads, storeUploads } from '../../fixtures/stored-uploads.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { waitForFocusedUpload } from '../../page-objects/deep-link.ts';

const MANY = 300;

describe('the app, opened at one upload', () => {
  const made = withApp();

  /** A list far longer than what is read first; the ids of its uploads in their order. */
  async function longList(user: string): Promise<{ tab: Page; ids: readonly string[] }> {
    const tab = await made.app.signIn(user);
    const seeds = createPausedUploads(user, MANY);
    await storeUploads(tab, seeds);
    return { tab, ids: seeds.map(({ upload }) => upload.id) };
  }

  const open = (tab: Page, id: string) => tab.goto(`${made.server.url()}/?upload=${id}`);

  it('shows it with its details, focused, deep in a long list, and once', async () => {
    const { tab, ids } = await longList('searcher');
    const id = ids[250] ?? '';
    await open(tab, id);
    await waitForFocusedUpload(tab, id);
    expect(tab.url()).toBe(`${made.server.url()}/`);
    await tab.reload();
    // Details would open only now, when all of the list is read.
    await tab.locator('queue-summary section:not([aria-busy])').waitFor();
    expect(await tab.locator('upload-details').count()).toBe(0);
  });

  it('says so when it is gone', async () => {
    const { tab } = await longList('latecomer');
    await open(tab, 'nobody-knows-it');
    await tab.getByText('This upload is no longer in the queue.').waitFor();
  });

  it('shows it once its user has signed in', async () => {
    const { tab, ids } = await longList('returner');
    const id = ids[100] ?? '';
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Keep them and sign out' }).click();
    const link = tab.getByRole('textbox', { name: 'Sign-in link' });
    await link.waitFor();
    await open(tab, id);
    await link.fill(await made.server.signInLink('returner'));
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await waitForFocusedUpload(tab, id);
  });
});
