import { css, html, nothing } from 'lit';
import type { UploadClient } from '../../page/index.ts';
import { getDisplayName } from '../auth/display-name.ts';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { dialogStyles } from '../ui/dialog-styles.ts';
import { icon } from '../ui/icons.ts';
import './device-list.ts';
import './guest-link-list.ts';

/** Who is signed in, their devices, and the links that let guests send files to them. */
export class AccountDialog extends AppElement {
  static override styles = [
    base,
    dialogStyles,
    css`
      .user:last-of-type {
        margin-block-end: 1rem;
      }
    `,
  ];
  static override properties = {
    client: { attribute: false },
    hasDevices: { attribute: false },
    open: { state: true },
  };
  declare client: UploadClient | null;
  /** Whether the server, and no identity provider, signs devices in. */
  declare hasDevices: boolean;
  declare open: boolean;

  constructor() {
    super();
    this.client = null;
    this.hasDevices = false;
    this.open = false;
  }

  async show(): Promise<void> {
    this.open = true;
    await this.updateComplete;
    this.renderRoot.querySelector('dialog')?.showModal();
  }

  close(): void {
    this.renderRoot.querySelector('dialog')?.close();
  }

  protected override restoreFocus(): void {
    this.renderRoot.querySelector<HTMLElement>('.head button')?.focus();
  }

  override render() {
    return html`<dialog aria-labelledby="title" @close=${this.#onClose} @request-sign-out=${this.close}>
      ${this.open ? this.#content() : nothing}</dialog>`;
  }

  #content() {
    const t = strings().account;
    const userId = this.client?.userId ?? '';
    const name = getDisplayName(userId);
    return html`<div class="head"><h2 id="title">${t.title}</h2>
        <button class="bare icon" aria-label=${strings().close} @click=${this.close}>${icon('close')}</button></div>
      <p class="user">${t.signedInAs(name)}</p>
      ${name === userId ? nothing : html`<p class="user quiet">${t.userId(userId)}</p>`}
      ${this.hasDevices ? html`<device-list .client=${this.client}></device-list>` : nothing}
      <guest-link-list .client=${this.client} .recipient=${name}></guest-link-list>`;
  }

  #onClose(): void {
    this.open = false;
  }
}

customElements.define('account-dialog', AccountDialog);

declare global {
  interface HTMLElementTagNameMap {
    'account-dialog': AccountDialog;
  }
}
