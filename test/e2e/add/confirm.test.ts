import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

describe('reviewing files before they are queued', () => {
  const fixture = withApp();
  const arrived = (user: string) => fixture.server.batches.list(user).map(({ files }) => files[0]?.name ?? '');

  it('keeps a review open across a sign-in', async () => {
    const user = 'undecided';
    const picture = await makeFile(fixture.folder.dir, 'picked.jpg', 2000);
    const tab = await fixture.app.signIn(user);
    await tab.locator('select[name=uploadType]').selectOption('images');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
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

/** Pastes a file with text. Runs in the page. */
function paste(target: Element, { name, words }: { name: string; words: string }): void {
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File(['picture'], name));
  clipboardData.setData('text/plain', words);
  target.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, composed: true }));
}
