import type { Page } from 'playwright-core';

/** A node of the accessibility tree. */
export interface AccessibleNode {
  readonly role: string;
  readonly name: string;
  /** Properties by their name in the DevTools protocol: `live`, `expanded`, `pressed`. */
  readonly properties: ReadonlyMap<string, unknown>;
}

/** Roles of controls, which need a name. */
const CONTROLS = ['button', 'checkbox', 'combobox', 'link', 'searchbox', 'textbox', 'DisclosureTriangle'];

/** Reads the accessibility tree of Chromium in order, shadow roots included. */
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

/** Records every announcement of the app from now on. Returns a function that reads them. */
export async function recordAnnouncements(tab: Page): Promise<() => Promise<readonly string[]>> {
  await tab.evaluate(() => {
    const region = document.querySelector('upload-app')?.shadowRoot?.querySelector('.visually-hidden[role=status]');
    const announced: string[] = [];
    Object.assign(window, { announced });
    const record = () => announced.push(region?.textContent ?? '');
    if (region) new MutationObserver(record).observe(region, { childList: true, characterData: true, subtree: true });
  });
  return () => tab.evaluate(() => (window as unknown as { announced: readonly string[] }).announced);
}
