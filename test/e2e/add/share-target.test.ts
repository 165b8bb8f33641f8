import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { withApp } from '../../fixtures/with-app.ts';
import { shareFiles } from '../../page-objects/app-page.ts';
import { storeNewerDatabase } from '../../page-objects/browser-db.ts';
import { expireSignIn } from '../../page-objects/expire-sign-in.ts';
import { isCompleted, waitForRows } from '../../page-objects/test-app.ts';

describe('share target', () => {
  const fixture = withApp();
  const notesOf = (user: string) => fixture.server.batches.list(user).map(({ notes }) => notes);
  const upload = (tab: Page, name: string | RegExp = /^Upload \d files?$/) => tab.getByRole('button', { name }).click();

  it('uploads shared files only after the user has confirmed them', async () => {
    const tab = await fixture.app.signIn('sharer');
    await shareFiles(tab, ['one.txt', 'two.txt'], 'from the field');
    await tab.getByRole('heading', { name: 'Shared with this app: 2 files' }).waitFor();
    await tab.getByText('one.txt').waitFor();
    expect(tab.url()).toBe(`${fixture.server.url()}/`);
    expect((await fixture.app.uploads()).filter(({ ownerId }) => ownerId === 'sharer')).toEqual([]);
    await upload(tab);
    await waitForRows(tab, 2, isCompleted);
    expect(notesOf('sharer')).toEqual([null, null]);
    await tab.reload();
    await waitForRows(tab, 2, isCompleted);
    expect(await tab.getByRole('heading', { name: 'Shared with this app' }).count()).toBe(0);
  });

  it('shows the text of a share and sends it as notes on request', async () => {
    const tab = await fixture.app.signIn('writer');
    await shareFiles(tab, ['one.txt'], 'from the field');
    await tab.getByText('from the field').waitFor();
    await tab.getByLabel('Send this text as notes').check();
    await upload(tab);
    await waitForRows(tab, 1, isCompleted);
    expect(notesOf('writer')).toEqual(['from the field']);
  });

  it('keeps a share in the browser across reloads until it is discarded', async () => {
    const tab = await fixture.app.signIn('hesitant');
    await shareFiles(tab, ['unwanted.txt']);
    await tab.reload();
    await tab.getByRole('button', { name: 'Discard' }).click();
    await tab.getByText('unwanted.txt').waitFor({ state: 'detached' });
    await tab.reload();
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    expect(await tab.getByText('unwanted.txt').count()).toBe(0);
  });

  it('names the shared files that the queue already has', async () => {
    const tab = await fixture.app.signIn('repeater');
    await shareFiles(tab, ['same.txt']);
    await upload(tab);
    await waitForRows(tab, 1, isCompleted);
    await shareFiles(tab, ['same.txt', 'new.txt']);
    await tab.getByText('1 file is already in your list.').waitFor();
    await upload(tab, 'Skip duplicates');
    await waitForRows(tab, 2, isCompleted);
    const names = fixture.server.batches.list('repeater').map(({ files }) => files[0]?.name);
    expect(names.sort()).toEqual(['new.txt', 'same.txt']);
  });

  it('answers a share in one tab for all tabs', async () => {
    const tab = await fixture.app.signIn('doubler');
    await shareFiles(tab, ['once.txt']);
    const other = await fixture.app.openTab();
    await other.getByText('once.txt').waitFor();
    await upload(tab);
    await waitForRows(other, 1, isCompleted);
    expect(await other.getByRole('button', { name: 'Discard' }).count()).toBe(0);
  });

  it('asks only the user who shared', async () => {
    const tab = await fixture.app.signIn('asked');
    await shareFiles(tab, ['own.txt']);
    const question = tab.getByRole('heading', { name: 'Shared with this app: 1 file' });
    await question.waitFor();
    await expireSignIn(fixture.server, tab);
    await question.waitFor();
    const other = await fixture.app.signIn('another');
    await other.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    expect(await other.getByRole('heading', { name: 'Shared with this app' }).count()).toBe(0);
    await question.waitFor({ state: 'detached' });
    await expireSignIn(fixture.server, other);
    const back = await fixture.app.signIn('asked');
    await back.getByRole('heading', { name: 'Shared with this app: 1 file' }).waitFor();
  });

  it('holds shared files offline and uploads them when online', async () => {
    const tab = await fixture.app.signIn('hiker');
    await fixture.app.context.setOffline(true);
    await shareFiles(tab, ['summit.txt']);
    await upload(tab);
    await waitForRows(tab, 1, ({ staged }) => staged);
    expect(fixture.server.batches.list('hiker')).toEqual([]);
    await fixture.app.context.setOffline(false);
    await waitForRows(tab, 1, isCompleted);
  });

  it('asks at the next sign-in about files that were shared while signed out', async () => {
    const tab = await fixture.app.signIn('leaver');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    await shareFiles(tab, ['kept.txt']);
    await tab.getByText('Shared with this app: 1 file').waitFor();
    await tab.getByLabel('Sign-in link').fill(fixture.server.signInLink('leaver'));
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await tab.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(fixture.server.batches.list('leaver')).toEqual([]);
    await upload(tab);
    await waitForRows(tab, 1, isCompleted);
  });
});

describe('share target without a database', () => {
  const fixture = withApp();

  it('opens the app with the reason when the database cannot be opened', async () => {
    const tab = await fixture.app.signIn('visitor');
    await tab.evaluate(storeNewerDatabase);
    await shareFiles(tab, ['late.txt']);
    expect(tab.url()).toBe(`${fixture.server.url()}/?share=failed`);
    await tab.getByText('A newer version of this app').waitFor();
  });
});
