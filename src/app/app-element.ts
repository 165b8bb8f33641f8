import { type CSSResultGroup, LitElement } from 'lit';
import { base } from './base-styles.ts';
import { onLanguage } from './words/catalogue.ts';

/** What every element of the app shares: the look of a few plain things, and that it speaks another language at once. */
export class AppElement extends LitElement {
  static override styles: CSSResultGroup = base;
  #unlisten: () => void = () => undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unlisten = onLanguage(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unlisten();
  }
}
