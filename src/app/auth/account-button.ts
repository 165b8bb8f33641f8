import { css, html, nothing } from 'lit';
import { loadPart } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import type { AccountDialog } from '../people/account-dialog.ts';
import type { AppContext } from '../state/app-context.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import type { AuthConfig } from './auth-config.ts';
import { getDisplayName } from './display-name.ts';

/**
 * The name of the signed-in user, which opens the account. The dialog loads when it is opened.
 */
export class AccountButton extends AppElement {
  static override styles = [
    base,
    css`
      :host {
        min-width: 0;
      }
      button,
      p {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        max-width: 100%;
        white-space: nowrap;
      }
      .name {
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
      }
    `,
  ];
  static override properties = {
    context: { attribute: false },
    config: { attribute: false },
    userId: { attribute: false },
    isLoaded: { state: true },
  };
  declare context: AppContext | null;
  /** How users sign in; null for guests. */
  declare config: AuthConfig | null;
  declare userId: string | null;
  declare isLoaded: boolean;

  constructor() {
    super();
    this.context = null;
    this.config = null;
    this.userId = null;
    this.isLoaded = false;
  }

  override render() {
    const { context, config, userId } = this;
    if (!context || userId === null) return nothing;
    const name = getDisplayName(userId);
    const content = html`${icon('user')}<span class="name"><bdi>${name}</bdi></span>`;
    // The account of a foreign server is not managed here.
    if (!config || config.sign_in === 'none') return html`<p>${content}</p>`;
    const dialog = html`<account-dialog
      .client=${context.client}
      .hasDevices=${config.sign_in === 'link'}
    ></account-dialog>`;
    return html`<button class="bare" aria-haspopup="dialog" aria-label=${strings().account.label(name)} title=${name} @click=${this.#open}>
        ${content}</button>
      ${this.isLoaded ? dialog : nothing}`;
  }

  async #open(): Promise<void> {
    await this.context?.try(async () => {
      await loadPart(import('../people/account-dialog.ts'));
      this.isLoaded = true;
      await this.updateComplete;
      await this.renderRoot.querySelector<AccountDialog>('account-dialog')?.show();
    });
  }
}

customElements.define('account-button', AccountButton);
