import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createPausedUploads, storeUploads } from '../../fixtures/stored-uploads.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { waitForFocusedUpload } from '../../page-objects/deep-link.ts';

const MANY = 300;

describe('deep link to an upload', () => {
  const fixture = withApp();

  /** Stores a list far longer than its first page and returns the ids in order. */
  async function storeLongList(user: string): Promise<{ tab: Page; ids: readonly string[] }> {
    const tab = await fixture.app.signIn(user);
    const seeds = createPausedUploads(user, MANY);
    await storeUploads(tab, seeds);
    return { tab, ids: seeds.map(({ upload }) => upload.id) };
  }

  const open = (tab: Page, id: string) => tab.goto(`${fixture.server.url()}/?upload=${id}`);

  it('focuses the linked upload deep in a long list and opens it once', async () => {
    const { tab, ids } = await storeLongList('searcher');
    const id = ids[250] ?? '';
    await open(tab, id);
    await waitForFocusedUpload(tab, id);
    expect(tab.url()).toBe(`${fixture.server.url()}/`);
    await tab.reload();
    // Details would open only now, when the whole list is loaded.
    await tab.locator('queue-summary section:not([aria-busy])').waitFor();
    expect(await tab.locator('upload-details').count()).toBe(0);
  });

  it('reports that the linked upload is no longer in the queue', async () => {
    const { tab } = await storeLongList('latecomer');
    await open(tab, 'unknown-id');
    await tab.getByText('This upload is no longer in your list.').waitFor();
  });

  it('focuses the linked upload after its user signs in', async () => {
    const { tab, ids } = await storeLongList('returner');
    const id = ids[100] ?? '';
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Keep and sign out' }).click();
    const link = tab.getByRole('textbox', { name: 'Sign-in link' });
    await link.waitFor();
    await open(tab, id);
    await link.fill(await fixture.server.signInLink('returner'));
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await waitForFocusedUpload(tab, id);
  });
});
