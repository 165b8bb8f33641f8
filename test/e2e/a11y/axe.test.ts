import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { createUploadPerState, storeUploads } from '../../fixtures/stored-uploads.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { setLanguage, shareFiles } from '../../page-objects/app-page.ts';
import { expectNoAxeViolations } from '../../page-objects/axe.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';
import { holdToastTimers } from '../../page-objects/toasts.ts';

describe('accessibility, light and dark, on a phone and a desktop', () => {
  const fixture = withApp();

  it('finds no axe violation in an empty queue', async () => {
    const tab = await fixture.app.signIn('newcomer');
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    await expectNoAxeViolations(tab);
  });

  it('finds no axe violation with every state and open details', async () => {
    const tab = await fixture.app.signIn('veteran');
    await storeUploads(tab, createUploadPerState('veteran'));
    await waitForRows(tab, 7, () => true);
    await tab.getByRole('button', { name: 'Details' }).first().click();
    await tab.getByRole('region', { name: 'Details' }).waitFor();
    await expectNoAxeViolations(tab);
  });

  it.each(['de', 'ar'] as const)('finds no axe violation in another language (%s)', async (language) => {
    const user = `polyglot ${language}`;
    const tab = await fixture.app.signIn(user);
    await storeUploads(tab, createUploadPerState(user));
    try {
      await setLanguage(tab, language);
      await waitForRows(tab, 7, () => true);
      await expectNoAxeViolations(tab);
    } finally {
      await setLanguage(tab, 'en');
    }
  });

  it('finds no axe violation in a review of images without a task ID', async () => {
    const picture = await makeFile(fixture.folder.dir, 'photo.jpg', 1000);
    const tab = await fixture.app.signIn('painter');
    await tab.locator('select[name=uploadType]').selectOption('images');
    await queueFiles(tab, [picture.path]);
    await tab.getByRole('alert').getByText('Enter a task ID').waitFor();
    await expectNoAxeViolations(tab);
    await tab.locator('add-review').getByRole('button', { name: 'Cancel' }).click();
    await tab.locator('select[name=uploadType]').selectOption('file');
  });

  it('finds no axe violation in the question about shared files', async () => {
    const tab = await fixture.app.signIn('sharer');
    await shareFiles(tab, ['shared.txt'], 'words of the share');
    await tab.getByText('words of the share').waitFor();
    await expectNoAxeViolations(tab);
    await tab.getByRole('button', { name: 'Discard' }).click();
  });

  it('finds no axe violation with a duplicate file and full storage', async () => {
    const file = await makeFile(fixture.folder.dir, 'twice.bin', 3000);
    const tab = await fixture.app.signIn('repeater');
    await tab.addInitScript(() => {
      navigator.storage.estimate = async () => ({ quota: 20e6, usage: 19.5e6 });
    });
    await tab.reload();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await queueFiles(tab, [file.path]);
    await tab.getByRole('button', { name: 'Upload all anyway' }).waitFor();
    await tab.getByText('Storage is almost full').waitFor();
    await expectNoAxeViolations(tab);
  });

  it('finds no axe violation in an undo toast and the sign-out dialog', async () => {
    const tab = await fixture.app.signIn('mover');
    await storeUploads(tab, createUploadPerState('mover'));
    await waitForRows(tab, 7, () => true);
    await tab.getByRole('button', { name: 'Remove' }).first().click();
    const undo = tab.getByRole('button', { name: 'Undo' });
    // A toast stays while it has the focus.
    await undo.focus();
    await expectNoAxeViolations(tab);
    expect(await undo.isVisible()).toBe(true);
    await holdToastTimers(tab);
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('dialog').waitFor();
    await expectNoAxeViolations(tab);
  });

  it('runs no animation with reduced motion', async () => {
    const tab = await fixture.app.signIn('dizzy');
    await storeUploads(tab, createUploadPerState('dizzy'));
    await waitForRows(tab, 7, () => true);
    expect(await tab.evaluate(moving)).toBeGreaterThan(0);
    await tab.emulateMedia({ reducedMotion: 'reduce' });
    expect(await tab.evaluate(moving)).toBe(0);
  });

  it('finds no axe violation offline and in the status panel', async () => {
    const tab = await fixture.app.signIn('offliner');
    await fixture.app.context.setOffline(true);
    await tab.getByText('Offline').first().waitFor();
    await expectNoAxeViolations(tab);
    await tab.getByRole('button', { name: 'Settings' }).click();
    await tab.getByRole('dialog').waitFor();
    await expectNoAxeViolations(tab);
  });

  it('finds no axe violation on the sign-in page', async () => {
    const tab = await fixture.app.signIn('goer');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    await expectNoAxeViolations(tab);
  });

  // For the page, zoom is a smaller window with more pixels: 640 px are 200 % of 1280 px, 320 px
  // are 400 %.
  it.each([
    [640, 400],
    [320, 256],
  ])('fits a window zoomed to %i x %i px and reaches every control', async (width, height) => {
    const user = `reader ${width}`;
    const tab = await fixture.app.signIn(user);
    await storeUploads(tab, createUploadPerState(user));
    await waitForRows(tab, 7, () => true);
    await tab.setViewportSize({ width, height });
    await tab.getByRole('button', { name: 'Details' }).first().click();
    await tab.getByRole('region', { name: 'Details' }).waitFor();
    expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    for (const name of ['Sign out', 'Resume all', 'Clear finished', 'Waiting', 'Resume', 'Copy log', 'Settings']) {
      await tab.getByRole('button', { name }).first().click({ trial: true });
    }
    for (const label of ['Search', 'Sort by']) await tab.getByLabel(label).click({ trial: true });
  });
});

describe('accessibility with a database of a newer version', () => {
  const fixture = withApp();

  it('finds no axe violation in the message about a newer version', async () => {
    const tab = await fixture.app.signIn('latecomer');
    await tab.evaluate(
      () =>
        new Promise((resolve) => {
          indexedDB.open('parallel-chunk-uploader', 999).onsuccess = resolve;
        }),
    );
    await tab.reload();
    await tab.getByRole('alert').getByText('A newer version of this app is in use here').waitFor();
    await expectNoAxeViolations(tab);
    await Promise.all([tab.waitForEvent('load'), tab.getByRole('button', { name: 'Reload' }).click()]);
  });
});

/** Counts the elements that have a transition or an animation. */
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
