import { type CSSResultGroup, LitElement, type PropertyValues } from 'lit';
import { onLanguageChange } from '../i18n/catalogue.ts';
import { base } from './base-styles.ts';

/**
 * Base class of all elements: shared styles, an update after each change of language, and no lost
 * focus.
 */
export class AppElement extends LitElement {
  static override styles: CSSResultGroup = base;
  #unsubscribe: () => void = () => undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = onLanguageChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
  }

  protected override update(changed: PropertyValues): void {
    const focused = findFocused(this.shadowRoot);
    super.update(changed);
    if (focused === null || this.shadowRoot?.activeElement) return;
    // An element that moves within the list leaves the document for a moment, which blurs it.
    if (focused.isConnected) focused.focus({ preventScroll: true });
    else this.restoreFocus(focused);
  }

  /**
   * Called when the focused element was removed. An element that has a neighbour to focus overrides
   * this; the others pass it on to their ancestors as `focus-lost`.
   */
  protected restoreFocus(_from: Element): void {
    this.dispatchEvent(new Event('focus-lost', { bubbles: true, composed: true }));
  }
}

/** The focused element, also inside nested shadow roots. */
function findFocused(root: ShadowRoot | null): HTMLElement | null {
  const focused = root?.activeElement as HTMLElement | null | undefined;
  return focused?.shadowRoot?.activeElement ? findFocused(focused.shadowRoot) : (focused ?? null);
}
