import { css, html, LitElement } from 'lit';
import type { UploadClient } from '../page/index.ts';
import { base } from './styles.ts';

/** The way out: asks first what is to become of the uploads that are still kept here. Fires `sign-out`. */
export class SignOut extends LitElement {
  static override styles = [
    base,
    css`
      dialog {
        max-width: 26rem;
        border: 1px solid var(--line);
        border-radius: 0.75rem;
        background: var(--card);
        color: var(--ink);
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
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
    return html`<button @click=${this.#ask}>Sign out</button>
      <dialog aria-labelledby="question">
        <p id="question">Your uploads are still kept in this browser. Nobody else who signs in here sees or sends them.</p>
        <div class="actions">
          <button autofocus @click=${() => this.#leave(false)}>Keep them and sign out</button>
          <button @click=${() => this.#leave(true)}>Remove them and sign out</button>
          <button @click=${() => this.#dialog?.close()}>Stay signed in</button>
        </div>
      </dialog>`;
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  #ask(): void {
    if (this.client?.list().length) this.#dialog?.showModal();
    else void this.#leave(false);
  }

  async #leave(mustForget: boolean): Promise<void> {
    this.#dialog?.close();
    if (mustForget) await this.client?.forgetAll();
    this.dispatchEvent(new Event('sign-out'));
  }
}

customElements.define('sign-out', SignOut);
