import { describe, expect, it } from 'vitest';
import { withApp } from '../../fixtures/with-app.ts';
import { shareFiles } from '../../page-objects/app-page.ts';
import { storeNewerDatabase } from '../../page-objects/browser-db.ts';
import { isCompleted, waitForRows } from '../../page-objects/test-app.ts';

describe('share target', () => {
  const fixture = withApp();

  it('stages shared files in the worker and uploads them with their text', async () => {
    const tab = await fixture.app.signIn('sharer');
    await shareFiles(tab, ['one.txt', 'two.txt'], 'from the field');
    await tab.getByText('2 files added from another app').waitFor();
    await waitForRows(tab, 2, isCompleted);
    expect(fixture.server.batches.list('sharer').map(({ notes }) => notes)).toEqual([
      'from the field',
      'from the field',
    ]);
    expect(tab.url()).toBe(`${fixture.server.url()}/`);
  });

  it('asks before it uploads a shared file twice', async () => {
    const tab = await fixture.app.signIn('repeater');
    await shareFiles(tab, ['same.txt']);
    await waitForRows(tab, 1, isCompleted);
    await shareFiles(tab, ['same.txt']);
    await waitForRows(tab, 2, ({ status, staged }) => status === 'completed' || (status === 'paused' && staged));
    await tab.getByRole('button', { name: 'Upload all anyway' }).click();
    await waitForRows(tab, 2, isCompleted);
    expect(fixture.server.batches.list('repeater')).toHaveLength(2);
  });

  it('asks only the user who shared about a duplicate file', async () => {
    const tab = await fixture.app.signIn('asked');
    await shareFiles(tab, ['own.txt']);
    await waitForRows(tab, 1, isCompleted);
    await shareFiles(tab, ['own.txt']);
    const question = tab.getByRole('button', { name: 'Upload all anyway' });
    await question.waitFor();
    await tab.goto(await fixture.server.signInLink('another'));
    await tab.getByRole('button', { name: 'Switch user' }).click();
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    await question.waitFor({ state: 'detached' });
  });

  it('stages shared files offline and uploads them when online', async () => {
    const tab = await fixture.app.signIn('hiker');
    await fixture.app.context.setOffline(true);
    await shareFiles(tab, ['summit.txt']);
    await waitForRows(tab, 1, ({ staged }) => staged);
    expect(fixture.server.batches.list('hiker')).toEqual([]);
    await fixture.app.context.setOffline(false);
    await waitForRows(tab, 1, isCompleted);
  });

  it('keeps shared files for the last user and uploads them after sign-in', async () => {
    const tab = await fixture.app.signIn('leaver');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    await shareFiles(tab, ['kept.txt']);
    await tab.getByText('1 file added from another app').waitFor();
    expect(fixture.server.batches.list('leaver')).toEqual([]);
    await tab.getByLabel('Sign-in link').fill(fixture.server.signInLink('leaver'));
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
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
