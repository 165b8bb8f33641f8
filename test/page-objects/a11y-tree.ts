import type { Page } from 'playwright-core';

/** One thing of the page as a screen reader is told of it. */
export interface AccessibleNode {
  readonly role: string;
  readonly name: string;
  /** What is told of it besides, by the browser's own words: `live`, `expanded`, `pressed`. */
  readonly properties: ReadonlyMap<string, unknown>;
}

/** What can be operated: without a name nobody knows what it does. */
const CONTROLS = ['button', 'checkbox', 'combobox', 'link', 'searchbox', 'textbox', 'DisclosureTriangle'];

/** Everything that a screen reader is told of a page, in its order: Chromium's accessibility tree, shadow roots and all. */
export async function readAccessibilityTree(tab: Page): Promise<AccessibleNode[]> {
  const devtools = await tab.context().newCDPSession(tab);
  const { nodes } = await devtools.send('Accessibility.getFullAXTree');
  await devtools.detach();
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, properties: all = [] }) => ({
      role: String(role?.value),
      name: String(name?.value ?? '').trim(),
      properties: new Map(all.map((property) => [property.name, property.value.value])),
    }));
}

export function isControl({ role }: AccessibleNode): boolean {
  return CONTROLS.includes(role);
}

/** Writes down each sentence that the app says aloud from now on; returns what was said so far. */
export async function recordAnnouncements(tab: Page): Promise<() => Promise<readonly string[]>> {
  await tab.evaluate(() => {
    const region = document.querySelector('upload-app')?.shadowRoot?.querySelector('.unseen[role=status]');
    const said: string[] = [];
    Object.assign(window, { said });
    const note = () => said.push(region?.textContent ?? '');
    if (region) new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
  });
  return () => tab.evaluate(() => (window as unknown as { said: readonly string[] }).said);
}
