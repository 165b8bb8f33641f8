import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { DESKTOP, PHONE } from './app-page.ts';

/** The rules of WCAG 2.2 AA that axe can check. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Expects no axe violation in the page, light and dark, on a phone and a desktop. */
export async function expectNoAxeViolations(tab: Page): Promise<void> {
  await tab.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const { width } of [DESKTOP, PHONE]) {
      await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // High enough to avoid scrolling: the footer would cover content, which axe reports as too
      // small.
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

/**
 * Waits until the rows have not moved for some frames: after a change of the width they overlap
 * until they are measured. Runs in the page.
 */
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
