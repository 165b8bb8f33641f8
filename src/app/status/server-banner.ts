import { css, html, nothing } from 'lit';
import type { ServerProblem } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { NETWORK_SIGN_IN_URL } from '../state/network-sign-in.ts';
import { AppElement } from '../ui/app-element.ts';
import { bannerStyles } from '../ui/banner-styles.ts';
import { base } from '../ui/base-styles.ts';

/** Explains a problem with the server that the user or an administrator has to solve. */
export class ServerBanner extends AppElement {
  static override styles = [
    base,
    bannerStyles,
    css`
      a {
        text-decoration: none;
      }
    `,
  ];
  static override properties = { problem: { attribute: false }, busy: { type: Boolean } };
  declare problem: ServerProblem | null;
  /** Whether leaving the page would interrupt staging: the sign-in then opens in a new tab. */
  declare busy: boolean;

  constructor() {
    super();
    this.problem = null;
    this.busy = false;
  }

  override render() {
    const t = strings().problem;
    switch (this.problem?.code) {
      case 'network_sign_in':
        return html`<p role="alert">${t.networkSignInHow}${this.#signIn()}</p>`;
      case 'bad_response':
        return html`<p role="alert">${t.otherPage}${this.#signIn()}</p>`;
      case 'never_reached':
        return html`<p role="alert">${t.neverReached(this.problem.message)}</p>`;
      default:
        return nothing;
    }
  }

  #signIn() {
    return html`<a class="button main" href=${NETWORK_SIGN_IN_URL} target=${this.busy ? '_blank' : nothing}>
      ${strings().problem.signIn}</a>`;
  }
}

customElements.define('server-banner', ServerBanner);
