import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { DESKTOP, PHONE } from './app-page.ts';

/** What of WCAG 2.2 AA a program can see. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Expects that a page as it stands keeps nobody out, light and dark, on a phone and a desktop. */
export async function expectNoAxeViolations(tab: Page): Promise<void> {
  await tab.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const { width } of [DESKTOP, PHONE]) {
      await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // So high that nothing is scrolled out of it: the foot would cover what lies under it, and the rules count that as too small.
      await tab.setViewportSize({ width, height: 3000 });
      await tab.evaluate(waitForStableRows);
      const found = await tab.evaluate(async (tags) => {
        const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly: tags });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
      }, RULES);
      expect(found, `${colorScheme}, ${width} px`).toEqual([]);
    }
  }
}

/** Waits until the rows have lain still for some frames: in another width they lie over each other until they are measured. Runs in the page. */
async function waitForStableRows(): Promise<void> {
  let before = '';
  for (let frames = 0; frames < 4; frames++) {
    await new Promise(requestAnimationFrame);
    const list = document
      .querySelector('upload-app')
      ?.shadowRoot?.querySelector('queue-view')
      ?.shadowRoot?.querySelector('upload-list');
    const rows = Array.from(list?.shadowRoot?.querySelectorAll('[data-index]') ?? []);
    const now = JSON.stringify(rows.map((row) => row.getBoundingClientRect()));
    if (now !== before) frames = 0;
    before = now;
  }
}
