import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { createStoredUpload, createUploadPerState, storeUploads } from '../../fixtures/stored-uploads.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { PHONE } from '../../page-objects/app-page.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

describe('keyboard focus when the pressed control disappears', () => {
  const fixture = withApp();

  const button = (tab: Page, name: string | RegExp) => tab.getByRole('button', { name, exact: true });
  const focused = (tab: Page) => tab.locator(':focus');

  async function press(tab: Page, name: string): Promise<void> {
    await button(tab, name).first().focus();
    await tab.keyboard.press('Enter');
  }

  it('keeps the focus in the row after pausing, resuming and retrying', async () => {
    const user = 'pauser';
    const tab = await fixture.app.signIn(user);
    await fixture.app.context.setOffline(true);
    await storeUploads(tab, [createStoredUpload(user, 'quiet.zip', 1000, { status: 'queued' })]);
    await press(tab, 'Pause');
    await button(tab, 'Resume').and(focused(tab)).waitFor();
    await press(tab, 'Resume');
    await button(tab, 'Pause').and(focused(tab)).waitFor();
    await storeUploads(tab, createUploadPerState(user));
    await press(tab, 'Try again');
    await tab.getByRole('listitem', { name: 'Scan of a very long name' }).and(focused(tab)).waitFor();
  });

  it('keeps the focus on the button for all uploads', async () => {
    const user = 'conductor';
    const tab = await fixture.app.signIn(user);
    await fixture.app.context.setOffline(true);
    // An upload that waits for the network can be paused too.
    await storeUploads(tab, [
      createStoredUpload(user, 'waiting.zip', 1000, { status: 'waiting', wait: { reason: 'network' } }),
    ]);
    await press(tab, 'Pause all');
    await button(tab, 'Resume all').and(focused(tab)).waitFor();
  });

  it('keeps the focus in the add review and returns it to the input', async () => {
    const tab = await fixture.app.signIn('asker');
    const file = await makeFile(fixture.folder.dir, 'twice.bin', 100);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await queueFiles(tab, [file.path]);
    await press(tab, 'Upload all anyway');
    await waitForRows(tab, 2, isCompleted);
    await tab.locator('#files').and(focused(tab)).waitFor();
    const [one, two] = [join(fixture.folder.dir, 'one.png'), join(fixture.folder.dir, 'two.png')];
    for (const path of [one, two]) await writeFile(path, path);
    await tab.locator('select[name=uploadType]').selectOption('images');
    await queueFiles(tab, [one, two]);
    await button(tab, /^Remove .+\.png/)
      .last()
      .focus();
    await tab.keyboard.press('Enter');
    await button(tab, 'Upload 1 photo').waitFor();
    await tab.locator('add-review section').and(focused(tab)).waitFor();
    await press(tab, 'Cancel');
    await tab.locator('#files').and(focused(tab)).waitFor();
    await tab.locator('select[name=uploadType]').selectOption('file');
  });

  it('keeps the focus in the batch form when a phone shows the queue', async () => {
    const tab = await fixture.app.signIn('writer');
    await tab.setViewportSize(PHONE);
    const file = await makeFile(fixture.folder.dir, 'early.bin', 100);
    const notes = tab.getByLabel('Notes');
    await notes.focus();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await tab.keyboard.type('wing');
    expect(await notes.inputValue()).toBe('wing');
    await notes.fill('');
  });

  it('moves the focus to the main region after signing in and out', async () => {
    const tab = await fixture.app.signIn('goer');
    const main = tab.locator('main').and(focused(tab));
    await press(tab, 'Sign out');
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    await main.waitFor();
    await tab.getByLabel('Sign-in link').fill(await fixture.server.signInLink('goer'));
    await tab.keyboard.press('Enter');
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    await main.waitFor();
  });
});
