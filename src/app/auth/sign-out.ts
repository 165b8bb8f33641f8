import { css, html } from 'lit';
import type { UploadClient } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';

/**
 * The sign-out button. Asks whether to keep the uploads in this browser, and fires `sign-out` with
 * whether to delete them.
 */
export class SignOut extends AppElement {
  static override styles = [
    base,
    css`
      .bare {
        white-space: nowrap;
      }
      dialog {
        width: min(26rem, calc(100vw - 2rem));
        padding: 1rem 1.25rem 1.25rem;
        border: 1px solid var(--edge);
        border-radius: var(--rounder);
        background: var(--card);
        color: var(--ink);
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        margin-block-start: 1rem;
      }
    `,
  ];
  static override properties = { client: { attribute: false } };
  declare client: UploadClient | null;

  constructor() {
    super();
    this.client = null;
  }

  override render() {
    const t = strings().signIn;
    return html`<button class="bare" @click=${this.ask}>${t.out}</button>
      <dialog aria-labelledby="question">
        <p id="question">${t.question}</p>
        <div class="actions">
          <button autofocus @click=${() => this.#signOut(false)}>${t.keep}</button>
          <button @click=${() => this.#signOut(true)}>${t.delete}</button>
          <button @click=${() => this.#dialog?.close()}>${t.cancel}</button>
        </div>
      </dialog>`;
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  /** Asks whether to keep the uploads, if there are any. */
  ask(): void {
    // The first page of the queue is enough to know that there are uploads.
    if (this.client?.queue.items.length) this.#dialog?.showModal();
    else this.#signOut(false);
  }

  #signOut(mustDelete: boolean): void {
    this.#dialog?.close();
    this.dispatchEvent(new CustomEvent<boolean>('sign-out', { detail: mustDelete, bubbles: true, composed: true }));
  }
}

customElements.define('sign-out', SignOut);

declare global {
  interface HTMLElementTagNameMap {
    'sign-out': SignOut;
  }
}
