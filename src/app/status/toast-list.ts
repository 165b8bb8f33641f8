import { css, html, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { strings } from '../i18n/catalogue.ts';
import type { HoldReason, Toast, Toasts } from '../state/toasts.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';

/** Shows the toasts above the footer. */
export class ToastList extends AppElement {
  static override styles = [
    base,
    css`
      div {
        display: grid;
        gap: 0.5rem;
        justify-items: center;
      }
      p {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        max-width: min(36rem, 100%);
        padding: 0.375rem 0.375rem 0.375rem 1rem;
        /* The container lets clicks through to the page. */
        pointer-events: auto;
        border: 1px solid var(--edge);
        border-radius: var(--rounder);
        background: var(--ink);
        color: var(--card);
        box-shadow: 0 4px 16px rgb(0 0 0 / 25%);
        overflow-wrap: anywhere;
      }
      :dir(rtl) p {
        padding: 0.375rem 1rem 0.375rem 0.375rem;
      }
      .wrong {
        background: var(--bad-soft);
        color: var(--bad);
        border-color: var(--bad);
      }
      button {
        flex: none;
        border-color: transparent;
        background: none;
        color: inherit;
      }
      button:hover {
        background: color-mix(in srgb, currentColor 15%, transparent);
      }
      .undo {
        font-weight: 700;
        text-decoration: underline;
        text-underline-offset: 0.2em;
      }
    `,
  ];
  static override properties = { toasts: { attribute: false } };
  declare toasts: Toasts | null;
  readonly #onChange = () => this.requestUpdate();
  #previous: readonly Element[] = [];

  constructor() {
    super();
    this.toasts = null;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    this.#previous = this.#elements;
    if (!changed.has('toasts')) return;
    changed.get('toasts')?.removeEventListener('change', this.#onChange);
    this.toasts?.addEventListener('change', this.#onChange);
  }

  override render() {
    const { toasts } = this;
    const hold = (by: HoldReason) => () => toasts?.hold(by);
    const release = (by: HoldReason) => () => toasts?.release(by);
    return html`<div role="status" aria-atomic="false" @pointerenter=${hold('pointer')} @pointerleave=${release('pointer')}
      @focusin=${hold('focus')} @focusout=${release('focus')}>
      ${repeat(
        toasts?.all ?? [],
        ({ id }) => id,
        (toast) => this.#toast(toast),
      )}
    </div>`;
  }

  get #elements(): Element[] {
    return [...this.renderRoot.querySelectorAll('p')];
  }

  /**
   * Moves the focus to the same button of the next toast. Some engines fire no `focusout` for a
   * removed element, and the timer would stay stopped.
   */
  protected override restoreFocus(from: Element): void {
    const next = this.#elements[this.#previous.findIndex((toast) => toast.contains(from))] ?? this.#elements.at(-1);
    const button = next?.querySelector<HTMLElement>(`.${from.className}, .icon`);
    if (button) button.focus();
    else super.restoreFocus(from);
  }

  #toast({ id, text, isBad, undo }: Toast) {
    return html`<p class=${isBad ? 'wrong' : ''}>
      <span>${text}</span>
      ${undo ? html`<button class="undo" @click=${() => this.toasts?.undo(id)}>${strings().undo}</button>` : nothing}
      <button class="icon" aria-label=${strings().dismiss} @click=${() => this.toasts?.dismiss(id)}>${icon('close')}</button>
    </p>`;
  }
}

customElements.define('toast-list', ToastList);
