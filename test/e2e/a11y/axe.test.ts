import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { createUploadPerState, storeUploads } from '../../fixtures/stored-uploads.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { setLanguage } from '../../page-objects/app-page.ts';
import { expectNoAxeViolations } from '../../page-objects/axe.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';
import { holdToastTimers } from '../../page-objects/toasts.ts';

describe('nothing keeps anybody out, light and dark, on a phone and a desktop, when', () => {
  const made = withApp();

  it('the queue is empty', async () => {
    const tab = await made.app.signIn('newcomer');
    await tab.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await expectNoAxeViolations(tab);
  });

  it('uploads are in every state, with details open', async () => {
    const tab = await made.app.signIn('veteran');
    await storeUploads(tab, createUploadPerState('veteran'));
    await waitForRows(tab, 7, () => true);
    await tab.getByRole('button', { name: 'Details' }).first().click();
    await expectNoAxeViolations(tab);
  });

  it.each(['de', 'ar'] as const)('the page speaks another language (%s)', async (language) => {
    const user = `polyglot ${language}`;
    const tab = await made.app.signIn(user);
    await storeUploads(tab, createUploadPerState(user));
    try {
      await setLanguage(tab, language);
      await waitForRows(tab, 7, () => true);
      await expectNoAxeViolations(tab);
    } finally {
      await setLanguage(tab, 'en');
    }
  });

  it('images wait for what the server’s rule asks', async () => {
    const picture = await makeFile(made.folder.dir, 'photo.jpg', 1000);
    const tab = await made.app.signIn('painter');
    await tab.locator('select[name=uploadType]').selectOption('images');
    await queueFiles(tab, [picture.path]);
    await tab.getByRole('alert').getByText('Task ID required').waitFor();
    await expectNoAxeViolations(tab);
    await tab.getByRole('button', { name: 'Add nothing' }).click();
    await tab.locator('select[name=uploadType]').selectOption('file');
  });

  it('a file is in the queue already, and storage is almost full', async () => {
    const file = await makeFile(made.folder.dir, 'twice.bin', 3000);
    const tab = await made.app.signIn('repeater');
    await tab.addInitScript(() => {
      navigator.storage.estimate = async () => ({ quota: 20e6, usage: 19.5e6 });
    });
    await tab.reload();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await queueFiles(tab, [file.path]);
    await tab.getByRole('button', { name: 'Add them again' }).waitFor();
    await tab.getByText('Storage is almost full').waitFor();
    await expectNoAxeViolations(tab);
  });

  it('a removal can be undone, and signing out is asked about', async () => {
    const tab = await made.app.signIn('mover');
    await storeUploads(tab, createUploadPerState('mover'));
    await waitForRows(tab, 7, () => true);
    await tab.getByRole('button', { name: 'Remove' }).first().click();
    const undo = tab.getByRole('button', { name: 'Undo' });
    // It stays as long as the focus is on it.
    await undo.focus();
    await expectNoAxeViolations(tab);
    expect(await undo.isVisible()).toBe(true);
    await holdToastTimers(tab);
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('dialog').waitFor();
    await expectNoAxeViolations(tab);
  });

  it('somebody wants nothing to move', async () => {
    const tab = await made.app.signIn('dizzy');
    await storeUploads(tab, createUploadPerState('dizzy'));
    await waitForRows(tab, 7, () => true);
    expect(await tab.evaluate(moving)).toBeGreaterThan(0);
    await tab.emulateMedia({ reducedMotion: 'reduce' });
    expect(await tab.evaluate(moving)).toBe(0);
  });

  it('the browser is offline, and how things stand is shown at length', async () => {
    const tab = await made.app.signIn('offliner');
    await made.app.context.setOffline(true);
    await tab.getByText('Offline').first().waitFor();
    await expectNoAxeViolations(tab);
    await tab.getByRole('button', { name: 'Status and settings' }).click();
    await tab.getByRole('dialog').waitFor();
    await expectNoAxeViolations(tab);
  });

  it('nobody is signed in', async () => {
    const tab = await made.app.signIn('goer');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to send' }).waitFor();
    await expectNoAxeViolations(tab);
  });

  // Zooming is to the page a smaller window of more pixels: 640 px are 200 % of 1280, 320 px are 400 %.
  it.each([
    [640, 400],
    [320, 256],
  ])(
    'it is zoomed to a window of %i x %i px: nothing is wider, and every control is reached',
    async (width, height) => {
      const user = `reader ${width}`;
      const tab = await made.app.signIn(user);
      await storeUploads(tab, createUploadPerState(user));
      await waitForRows(tab, 7, () => true);
      await tab.setViewportSize({ width, height });
      await tab.getByRole('button', { name: 'Details' }).first().click();
      expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      for (const name of [
        'Sign out',
        'Resume all',
        'Clear finished',
        'Waiting',
        'Resume',
        'Copy log',
        'Status and settings',
      ]) {
        await tab.getByRole('button', { name }).first().click({ trial: true });
      }
      for (const label of ['Find by name', 'Sort by']) await tab.getByLabel(label).click({ trial: true });
    },
  );
});

describe('nothing keeps anybody out where a newer version keeps the uploads', () => {
  const made = withApp();

  it('and the page says what to do', async () => {
    const tab = await made.app.signIn('latecomer');
    await tab.evaluate(
      () =>
        new Promise((resolve) => {
          indexedDB.open('parallel-chunk-uploader', 999).onsuccess = resolve;
        }),
    );
    await tab.reload();
    await tab.getByRole('alert').getByText('A newer version of this app keeps the uploads here').waitFor();
    await expectNoAxeViolations(tab);
    await Promise.all([tab.waitForEvent('load'), tab.getByRole('button', { name: 'Reload' }).click()]);
  });
});

/** How many elements move by themselves, or would when they change. */
function moving(): number {
  const roots: ParentNode[] = [document];
  let count = 0;
  for (const root of roots) {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) roots.push(element.shadowRoot);
      const { transitionDuration, animationName } = getComputedStyle(element);
      if (transitionDuration.split(', ').some((time) => time !== '0s') || animationName !== 'none') count++;
    }
  }
  return count;
}
