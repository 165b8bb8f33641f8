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

describe('screen reader', () => {
  const fixture = withApp();

  it('reads a name for each control in every state', async () => {
    const tab = await fixture.app.signIn('newcomer');
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    expectNamedControls(await readAccessibilityTree(tab), 8);
    await storeUploads(tab, createUploadPerState('newcomer'));
    await waitForRows(tab, 7, () => true);
    await tab.getByRole('button', { name: 'Details' }).first().click();
    await tab.getByRole('button', { name: 'Copy log' }).waitFor();
    expectNamedControls(await readAccessibilityTree(tab), 40);
    await tab.getByRole('button', { name: 'Settings' }).click();
    await tab.getByRole('dialog').waitFor();
    expectNamedControls(await readAccessibilityTree(tab), 4);
    await tab.keyboard.press('Escape');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Keep and sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    expectNamedControls(await readAccessibilityTree(tab), 3);
  });

  it('reads name, state and place of each row and the total progress', async () => {
    const tab = await fixture.app.signIn('listener');
    await storeUploads(tab, createUploadPerState('listener'));
    await waitForRows(tab, 7, () => true);
    await tab.locator('queue-summary section:not([aria-busy])').waitFor();
    // The chunk map is read after its rows.
    await tab.getByRole('img', { name: '96 of 155 parts uploaded' }).waitFor();
    const nodes = await readAccessibilityTree(tab);
    const rows = nodes
      .filter(({ role, name }) => role === 'listitem' && name !== '')
      .map(({ name }) => stripMarks(name));
    expect(rows).toEqual([
      'Survey north wing.zip: Paused',
      'Interview 3, uncut.mov: Interrupted. Choose the file again',
      'Plans.pdf: Possibly uploaded: no confirmation received',
      'Scan of a very long name that goes on and on until it must be cut off somewhere, 2026-05-12.tiff: Failed',
      'Backup.zip: Failed',
      'Photos of May.zip: Uploaded',
      'Letter.txt: Cancelled',
    ]);
    const places = await tab
      .locator('[role=listitem][aria-posinset]')
      .evaluateAll((items) =>
        items.map((item) => `${item.getAttribute('aria-posinset')} of ${item.getAttribute('aria-setsize')}`),
      );
    expect(places).toEqual(rows.map((_, i) => `${i + 1} of 7`));
    expect(findNames(nodes, 'progressbar')).toEqual(['1 of 6 uploaded']);
    // Chromium omits `aria-valuetext` from its tree, although it passes it on to the platform.
    expect(await tab.locator('queue-summary progress').getAttribute('aria-valuetext')).toMatch(/^\d+%$/);
    expect(findNames(nodes, 'image')).toContain('96 of 155 parts uploaded');
  });

  it('uses only polite live regions, and adds one while offline', async () => {
    const tab = await fixture.app.signIn('patient');
    await storeUploads(tab, createUploadPerState('patient'));
    await waitForRows(tab, 7, () => true);
    const live = async () =>
      (await readAccessibilityTree(tab))
        .map(({ properties: facts }) => facts.get('live'))
        .filter((how) => how !== undefined);
    const before = await live();
    expect(new Set(before)).toEqual(new Set(['polite']));
    await fixture.app.context.setOffline(true);
    await tab.getByText('Offline. Files you add will upload later').waitFor();
    expect(await live()).toEqual([...before, 'polite']);
  });

  it('announces many uploads in few sentences, and a required sign-in', async () => {
    const user = 'sender';
    const names = Array.from({ length: FILES }, (_, i) => `letter ${i + 1}.txt`);
    const files = await Promise.all(names.map((name) => makeFile(fixture.folder.dir, name, 100)));
    const tab = await fixture.app.signIn(user);
    const announced = await recordAnnouncements(tab);
    await fixture.app.context.setOffline(true);
    await queueFiles(
      tab,
      files.map(({ path }) => path),
    );
    const sum = async (what: 'added' | 'uploaded') =>
      (await announced()).reduce((all, sentence) => all + readCount(sentence, what), 0);
    await until(async () => (await sum('added')) === FILES, 'the announcement of added files');
    await fixture.app.context.setOffline(false);
    await until(async () => (await sum('uploaded')) === FILES, 'the announcement of uploaded files');
    expect((await announced()).length).toBeLessThan(FILES);
    // An upload that waits for its user is announced immediately.
    fixture.server.faults.before = ({ url }) => (url.startsWith('/api/') ? { kind: 'status', status: 401 } : undefined);
    const { path } = await makeFile(fixture.folder.dir, 'refused.txt', 100);
    await queueFiles(tab, [path]);
    const last = async () => stripMarks((await announced()).at(-1) ?? '');
    await until(
      async () => (await last()) === 'refused.txt: Sign in to continue',
      'the announcement of the required sign-in',
    );
  });

  it('announces the same sentence twice when it happens twice', async () => {
    const tab = await fixture.app.signIn('mover');
    await storeUploads(tab, createUploadPerState('mover'));
    await waitForRows(tab, 7, () => true);
    const announced = await recordAnnouncements(tab);
    for (const times of [1, 2]) {
      await tab.getByRole('listitem').first().focus();
      await tab.keyboard.press('Alt+ArrowDown');
      await until(async () => (await announced()).length === times, 'the announcement of the new place');
    }
    expect(await announced()).toEqual(['Moved to position 2 of 7', 'Moved to position 2 of 7']);
  });

  it('focuses the next row when the focused row is removed', async () => {
    const tab = await fixture.app.signIn('remover');
    await storeUploads(tab, createUploadPerState('remover'));
    await waitForRows(tab, 7, () => true);
    const row = (name: string) => tab.getByRole('listitem', { name });
    await row('Backup.zip').focus();
    await tab.keyboard.press('Delete');
    await tab.getByText('Removed').waitFor();
    await row('Photos of May.zip').and(tab.locator(':focus')).waitFor();
  });
});

function expectNamedControls(nodes: readonly AccessibleNode[], least: number): void {
  const controls = nodes.filter(isControl);
  expect(controls.length).toBeGreaterThanOrEqual(least);
  expect(controls.filter(({ name }) => name === '')).toEqual([]);
}

function findNames(nodes: readonly AccessibleNode[], wanted: string): string[] {
  return nodes.filter(({ role }) => role === wanted).map(({ name }) => stripMarks(name));
}

/** Removes the marks that isolate the direction of a name. */
function stripMarks(sentence: string): string {
  return sentence.replace(/[\u2068\u2069]/g, '');
}

/**
 * Reads the number of uploads from a sentence. A single upload is announced by its name and state.
 */
function readCount(sentence: string, what: 'added' | 'uploaded'): number {
  if (sentence.includes(': ')) return Number(sentence.endsWith(': Uploaded') === (what === 'uploaded'));
  return Number(new RegExp(`(\\d+) ${what}`).exec(sentence)?.[1] ?? 0);
}
