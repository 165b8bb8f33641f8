import { describe, expect, it } from 'vitest';
import { withApp } from '../../fixtures/with-app.ts';
import { shareFiles } from '../../page-objects/app-page.ts';
import { storeNewerDatabase } from '../../page-objects/browser-db.ts';
import { isCompleted, waitForRows } from '../../page-objects/test-app.ts';

describe('what another app shares', () => {
  const made = withApp();

  it('is staged by the worker, leads to the queue and arrives with its words', async () => {
    const tab = await made.app.signIn('sharer');
    await shareFiles(tab, ['one.txt', 'two.txt'], 'from the field');
    await tab.getByText('2 files came from another app').waitFor();
    await waitForRows(tab, 2, isCompleted);
    expect(made.server.batches.list('sharer').map(({ notes }) => notes)).toEqual(['from the field', 'from the field']);
    expect(tab.url()).toBe(`${made.server.url()}/`);
  });

  it('is asked about where the queue has it already, and is neither sent twice unasked nor dropped', async () => {
    const tab = await made.app.signIn('repeater');
    await shareFiles(tab, ['same.txt']);
    await waitForRows(tab, 1, isCompleted);
    await shareFiles(tab, ['same.txt']);
    await waitForRows(tab, 2, ({ status, staged }) => status === 'completed' || (status === 'paused' && staged));
    await tab.getByRole('button', { name: 'Add them again' }).click();
    await waitForRows(tab, 2, isCompleted);
    expect(made.server.batches.list('repeater')).toHaveLength(2);
  });

  it('is asked about nobody but whose queue it is', async () => {
    const tab = await made.app.signIn('asked');
    await shareFiles(tab, ['own.txt']);
    await waitForRows(tab, 1, isCompleted);
    await shareFiles(tab, ['own.txt']);
    const question = tab.getByRole('button', { name: 'Add them again' });
    await question.waitFor();
    await tab.goto(await made.server.signInLink('another'));
    await tab.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await question.waitFor({ state: 'detached' });
  });

  it('is taken offline, and goes when the link comes back', async () => {
    const tab = await made.app.signIn('hiker');
    await made.app.context.setOffline(true);
    await shareFiles(tab, ['summit.txt']);
    await waitForRows(tab, 1, ({ staged }) => staged);
    expect(made.server.batches.list('hiker')).toEqual([]);
    await made.app.context.setOffline(false);
    await waitForRows(tab, 1, isCompleted);
  });

  it('is taken for who was signed in last, and goes when that user is back', async () => {
    const tab = await made.app.signIn('leaver');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to send' }).waitFor();
    await shareFiles(tab, ['kept.txt']);
    await tab.getByText('1 file came from another app').waitFor();
    expect(made.server.batches.list('leaver')).toEqual([]);
    await tab.getByLabel('Sign-in link').fill(made.server.signInLink('leaver'));
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await waitForRows(tab, 1, isCompleted);
  });
});

describe('what another app shares when the database does not open', () => {
  const made = withApp();

  it('leads to the app all the same, which says why', async () => {
    const tab = await made.app.signIn('visitor');
    await tab.evaluate(storeNewerDatabase);
    await shareFiles(tab, ['late.txt']);
    expect(tab.url()).toBe(`${made.server.url()}/?share=failed`);
    await tab.getByText('A newer version of this app').waitFor();
  });
});
