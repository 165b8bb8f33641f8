import { type CSSResultGroup, LitElement, type PropertyValues } from 'lit';
import { onLanguageChange } from '../i18n/catalogue.ts';
import { base } from './base-styles.ts';

/** What every element of the app shares: the look of a few plain things, that it speaks another language at once, and that no focus is lost by what it shows. */
export class AppElement extends LitElement {
  static override styles: CSSResultGroup = base;
  #unlisten: () => void = () => undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unlisten = onLanguageChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unlisten();
  }

  protected override update(changed: PropertyValues): void {
    const focused = findFocused(this.shadowRoot);
    super.update(changed);
    if (focused === null || this.shadowRoot?.activeElement) return;
    // What only lies elsewhere now was out of the page for a moment.
    if (focused.isConnected) focused.focus({ preventScroll: true });
    else this.restoreFocus(focused);
  }

  /** What had the focus is not there any more; whoever knows of nothing near it leaves it to those around, with `focus-lost`. */
  protected restoreFocus(_from: Element): void {
    this.dispatchEvent(new Event('focus-lost', { bubbles: true, composed: true }));
  }
}

/** What has the focus in there, however deep. */
function findFocused(root: ShadowRoot | null): HTMLElement | null {
  const focused = root?.activeElement as HTMLElement | null | undefined;
  return focused?.shadowRoot?.activeElement ? findFocused(focused.shadowRoot) : (focused ?? null);
}
