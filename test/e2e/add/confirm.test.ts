import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_REQUEST_BYTES } from '../../../src/shared/chunks.ts';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { expireSignIn } from '../../page-objects/expire-sign-in.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

describe('reviewing files before they are queued', () => {
  const fixture = withApp();
  const arrived = (user: string) => fixture.server.batches.list(user).map(({ files }) => files[0]?.name ?? '');

  it('keeps a review open across a sign-in', async () => {
    const user = 'undecided';
    const picture = await makeFile(fixture.folder.dir, 'picked.jpg', 2000);
    const tab = await fixture.app.signIn(user);
    await tab.locator('select[name=uploadType]').selectOption('images');
    await expireSignIn(fixture.server, tab);
    await queueFiles(tab, [picture.path]);
    await tab.getByRole('alert').getByText('Enter a task ID').waitFor();
    await tab.getByLabel('Sign-in link').fill(await fixture.server.signInLink(user));
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    await tab.getByLabel('Task ID').fill('t-0');
    await tab.getByRole('button', { name: 'Upload 1 photo' }).click();
    await waitForRows(tab, 1, isCompleted);
    expect(arrived(user)).toEqual(['picked.jpg']);
    await tab.locator('select[name=uploadType]').selectOption('file');
  });

  it('adds no file that is pasted into a field with text', async () => {
    const tab = await fixture.app.signIn('writer');
    await tab.getByLabel('Notes').evaluate(paste, { name: 'words.png', words: 'north wing' });
    await tab.locator('body').evaluate(paste, { name: 'wanted.png', words: 'and words beside it' });
    await waitForRows(tab, 1, isCompleted);
    expect(arrived('writer')).toEqual(['wanted.png']);
  });
});

describe('reviewing photos for a server of the basic level', () => {
  const fixture = withApp({ server: () => ({ level: 'basic' }) });
  const arrived = (user: string) => fixture.server.batches.list(user).map(({ files }) => files[0]?.name ?? '');

  async function makePhotos(): Promise<string[]> {
    const sizes = { 'small.png': 1000, 'large.png': MAX_REQUEST_BYTES };
    const paths = Object.keys(sizes).map((name) => join(fixture.folder.dir, name));
    for (const [n, size] of Object.values(sizes).entries()) {
      await writeFile(paths[n] ?? '', '');
      await truncate(paths[n] ?? '', size);
    }
    return paths;
  }

  // First, because a server stays known.
  it('fails a batch over the limit of a server that was unknown', async () => {
    fixture.server.faults.before = ({ method, url }) =>
      method === 'GET' && url === '/api/batches' ? { kind: 'status', status: 503 } : undefined;
    const tab = await fixture.app.signIn('hopeful');
    await tab.locator('select[name=uploadType]').selectOption('images');
    await tab.getByLabel('Task ID').fill('t-1');
    await queueFiles(tab, await makePhotos());
    await tab.getByRole('button', { name: 'Upload 2 photos' }).click();
    await waitForRows(tab, 1, () => true);
    fixture.server.faults.before = undefined;
    await tab.locator('upload-row').getByText('The batch is over the limit of 105 MB').waitFor();
    expect(fixture.server.batches.list('hopeful')).toEqual([]);
    await tab.locator('select[name=uploadType]').selectOption('file');
  });

  it('reports the rules a batch breaks before it stages a byte', async () => {
    await fixture.app.discoverServer();
    const user = 'chooser';
    const tab = await fixture.app.signIn(user);
    await tab.locator('select[name=uploadType]').selectOption('images');
    await tab.getByLabel('Task ID').fill('');
    await queueFiles(tab, await makePhotos());
    const add = tab.getByRole('button', { name: /^Upload \d photos?$/ });
    const refusal = tab.getByRole('alert');
    await refusal.getByText('Enter a task ID').waitFor();
    expect(await add.isDisabled()).toBe(true);
    await tab.getByLabel('Task ID').fill('t-1');
    await refusal.getByText('over the limit. Remove some photos.').waitFor();
    expect(await add.isDisabled()).toBe(true);
    expect((await fixture.app.uploads()).filter(({ ownerId }) => ownerId === user)).toEqual([]);
    await tab.getByRole('button', { name: /^Remove .*large\.png/ }).click();
    await add.click();
    await waitForRows(tab, 1, isCompleted);
    expect(arrived(user)).toEqual(['small.png']);
    await tab.locator('select[name=uploadType]').selectOption('file');
  });
});

/** Pastes a file with text. Runs in the page. */
function paste(target: Element, { name, words }: { name: string; words: string }): void {
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File(['picture'], name));
  clipboardData.setData('text/plain', words);
  target.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, composed: true }));
}
