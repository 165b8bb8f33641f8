import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { DESKTOP, PHONE, speak } from '../support/app-page.ts';
import { makeFile } from '../support/files.ts';
import { queue, rowsBecome } from '../support/harness.ts';
import { everyState, sow } from '../support/scene.ts';
import { withApp } from '../support/with-app.ts';

/** What of WCAG 2.2 AA a program can see. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

describe('nothing keeps anybody out, light and dark, on a phone and a desktop, when', () => {
  const made = withApp();

  it('the queue is empty', async () => {
    const tab = await made.app.signIn('newcomer');
    await tab.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await expectOpenToAll(tab);
  });

  it('uploads are in every state, with details open', async () => {
    const tab = await made.app.signIn('veteran');
    await sow(tab, everyState('veteran'));
    await rowsBecome(tab, 7, () => true);
    await tab.getByRole('button', { name: 'Details' }).first().click();
    await expectOpenToAll(tab);
  });

  it.each(['de', 'ar'] as const)('the page speaks another language (%s)', async (language) => {
    const user = `polyglot ${language}`;
    const tab = await made.app.signIn(user);
    await sow(tab, everyState(user));
    try {
      await speak(tab, language);
      await rowsBecome(tab, 7, () => true);
      await expectOpenToAll(tab);
    } finally {
      await speak(tab, 'en');
    }
  });

  it('images wait for what the server’s rule asks', async () => {
    const picture = await makeFile(made.folder.dir, 'photo.jpg', 1000);
    const tab = await made.app.signIn('painter');
    await tab.locator('select[name=uploadType]').selectOption('images');
    await queue(tab, [picture.path]);
    await tab.getByRole('alert').getByText('Task ID required').waitFor();
    await expectOpenToAll(tab);
    await tab.getByRole('button', { name: 'Add nothing' }).click();
    await tab.locator('select[name=uploadType]').selectOption('file');
  });

  it('the browser is offline, and how things stand is shown at length', async () => {
    const tab = await made.app.signIn('offliner');
    await made.app.context.setOffline(true);
    await tab.getByText('Offline').first().waitFor();
    await expectOpenToAll(tab);
    await tab.getByRole('button', { name: 'Status and settings' }).click();
    await tab.getByRole('dialog').waitFor();
    await expectOpenToAll(tab);
  });

  it('nobody is signed in', async () => {
    const tab = await made.app.signIn('goer');
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to send' }).waitFor();
    await expectOpenToAll(tab);
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
      await sow(tab, everyState(user));
      await rowsBecome(tab, 7, () => true);
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

async function expectOpenToAll(tab: Page): Promise<void> {
  await tab.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const { width } of [DESKTOP, PHONE]) {
      await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // So high that nothing is scrolled out of it: the foot would cover what lies under it, and the rules count that as too small.
      await tab.setViewportSize({ width, height: 3000 });
      const found = await tab.evaluate(async (tags) => {
        const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly: tags });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
      }, RULES);
      expect(found, `${colorScheme}, ${width} px`).toEqual([]);
    }
  }
}
