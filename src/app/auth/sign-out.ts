import { css, html } from 'lit';
import type { UploadClient } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';

/** The way out: asks first what is to become of the uploads that are still kept here. Fires `sign-out`, with whether to forget them. */
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
    const said = strings().signIn;
    return html`<button class="bare" @click=${this.#ask}>${said.out}</button>
      <dialog aria-labelledby="question">
        <p id="question">${said.question}</p>
        <div class="actions">
          <button autofocus @click=${() => this.#leave(false)}>${said.keep}</button>
          <button @click=${() => this.#leave(true)}>${said.forget}</button>
          <button @click=${() => this.#dialog?.close()}>${said.stay}</button>
        </div>
      </dialog>`;
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  #ask(): void {
    // Before the whole queue is read its beginning says whether there is one.
    if (this.client?.queue.items.length) this.#dialog?.showModal();
    else this.#leave(false);
  }

  #leave(mustForget: boolean): void {
    this.#dialog?.close();
    this.dispatchEvent(new CustomEvent<boolean>('sign-out', { detail: mustForget }));
  }
}

customElements.define('sign-out', SignOut);
