import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { createUploadPerState, storeUploads } from '../../fixtures/stored-uploads.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import {
  type AccessibleNode,
  isControl,
  readAccessibilityTree,
  recordAnnouncements,
} from '../../page-objects/a11y-tree.ts';
import { queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const FILES = 20;

describe('who does not see the page', () => {
  const made = withApp();

  it('is told what each control does, in every state', async () => {
    const tab = await made.app.signIn('newcomer');
    await tab.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    expectNames(await readAccessibilityTree(tab), 8);
    await storeUploads(tab, createUploadPerState('newcomer'));
    await waitForRows(tab, 7, () => true);
    await tab.getByRole('button', { name: 'Details' }).first().click();
    await tab.getByRole('button', { name: 'Copy log' }).waitFor();
    expectNames(await readAccessibilityTree(tab), 40);
    await tab.getByRole('button', { name: 'Status and settings' }).click();
    expectNames(await readAccessibilityTree(tab), 4);
    await tab.keyboard.press('Escape');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Keep them and sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to send' }).waitFor();
    expectNames(await readAccessibilityTree(tab), 5);
  });

  it('hears of each row its name, its state and its place, and of the whole how far it is', async () => {
    const tab = await made.app.signIn('listener');
    await storeUploads(tab, createUploadPerState('listener'));
    await waitForRows(tab, 7, () => true);
    await tab.locator('queue-summary section:not([aria-busy])').waitFor();
    // Read after the rows are there.
    await tab.getByRole('img', { name: '96 of 155 chunks acknowledged' }).waitFor();
    const told = await readAccessibilityTree(tab);
    const rows = told.filter(({ role, name }) => role === 'listitem' && name !== '').map(({ name }) => plain(name));
    expect(rows).toEqual([
      'Survey north wing.zip: Paused',
      'Interview 3, uncut.mov: Copying was cut off: choose the file again',
      'Plans.pdf: May have arrived: the server’s answer was lost',
      'Scan of a very long name that goes on and on until it must be cut off somewhere, 2026-05-12.tiff: Failed',
      'Backup.zip: Failed',
      'Photos of May.zip: Arrived',
      'Letter.txt: Cancelled',
    ]);
    const places = await tab
      .locator('[role=listitem][aria-posinset]')
      .evaluateAll((items) =>
        items.map((item) => `${item.getAttribute('aria-posinset')} of ${item.getAttribute('aria-setsize')}`),
      );
    expect(places).toEqual(rows.map((_, i) => `${i + 1} of 7`));
    expect(named(told, 'progressbar')).toEqual(['1 of 4 arrived']);
    // Chromium's own tree says nothing of it, though it hands it on.
    expect(await tab.locator('queue-summary progress').getAttribute('aria-valuetext')).toMatch(/^\d+%$/);
    expect(named(told, 'image')).toContain('96 of 155 chunks acknowledged');
  });

  it('is not interrupted: what is said is said politely, and nothing of a link that is there', async () => {
    const tab = await made.app.signIn('patient');
    await storeUploads(tab, createUploadPerState('patient'));
    await waitForRows(tab, 7, () => true);
    const live = async () =>
      (await readAccessibilityTree(tab))
        .map(({ properties: facts }) => facts.get('live'))
        .filter((how) => how !== undefined);
    const before = await live();
    expect(new Set(before)).toEqual(new Set(['polite']));
    await made.app.context.setOffline(true);
    await tab.getByText('Offline: what you add is kept').waitFor();
    expect(await live()).toEqual([...before, 'polite']);
  });

  it('hears of many uploads in few sentences, and of what needs an answer', async () => {
    const user = 'sender';
    const names = Array.from({ length: FILES }, (_, i) => `letter ${i + 1}.txt`);
    const files = await Promise.all(names.map((name) => makeFile(made.folder.dir, name, 100)));
    const tab = await made.app.signIn(user);
    const said = await recordAnnouncements(tab);
    await made.app.context.setOffline(true);
    await queueFiles(
      tab,
      files.map(({ path }) => path),
    );
    const sum = async (what: 'added' | 'arrived') =>
      (await said()).reduce((all, sentence) => all + countOf(sentence, what), 0);
    await until(async () => (await sum('added')) === FILES, 'that they were added');
    await made.app.context.setOffline(false);
    await until(async () => (await sum('arrived')) === FILES, 'that all have arrived');
    expect((await said()).length).toBeLessThan(FILES);
    // What waits for its user is said as soon as it does.
    made.server.faults.before = ({ url }) => (url.startsWith('/api/') ? { kind: 'status', status: 401 } : undefined);
    const { path } = await makeFile(made.folder.dir, 'refused.txt', 100);
    await queueFiles(tab, [path]);
    const last = async () => plain((await said()).at(-1) ?? '');
    await until(async () => (await last()) === 'refused.txt: Waits for you to sign in', 'that it waits');
  });

  it('hears the same twice when it happens twice', async () => {
    const tab = await made.app.signIn('mover');
    await storeUploads(tab, createUploadPerState('mover'));
    await waitForRows(tab, 7, () => true);
    const said = await recordAnnouncements(tab);
    for (const times of [1, 2]) {
      await tab.getByRole('listitem').first().focus();
      await tab.keyboard.press('Alt+ArrowDown');
      await until(async () => (await said()).length === times, 'where it is now');
    }
    expect(await said()).toEqual(['Now number 2 of 7', 'Now number 2 of 7']);
  });

  it('keeps the place in the list when the row there is removed', async () => {
    const tab = await made.app.signIn('remover');
    await storeUploads(tab, createUploadPerState('remover'));
    await waitForRows(tab, 7, () => true);
    const row = (name: string) => tab.getByRole('listitem', { name });
    await row('Backup.zip').focus();
    await tab.keyboard.press('Delete');
    await tab.getByText('Removed').waitFor();
    await row('Photos of May.zip').and(tab.locator(':focus')).waitFor();
  });
});

function expectNames(told: readonly AccessibleNode[], least: number): void {
  const controls = told.filter(isControl);
  expect(controls.length).toBeGreaterThanOrEqual(least);
  expect(controls.filter(({ name }) => name === '')).toEqual([]);
}

function named(told: readonly AccessibleNode[], wanted: string): string[] {
  return told.filter(({ role }) => role === wanted).map(({ name }) => plain(name));
}

/** Without the marks that keep a name's direction to itself. */
function plain(sentence: string): string {
  return sentence.replace(/[\u2068\u2069]/g, '');
}

/** Of how many uploads a sentence says this; one alone is said by its name and state. */
function countOf(sentence: string, what: 'added' | 'arrived'): number {
  if (sentence.includes(': ')) return Number(sentence.endsWith(': Arrived') === (what === 'arrived'));
  return Number(new RegExp(`(\\d+) ${what}`).exec(sentence)?.[1] ?? 0);
}
