import { css, html, nothing } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import type { AuthConfig } from './auth-config.ts';

/**
 * The form of the signed-out app: leads to the identity provider, or takes a link. Links do not
 * open an installed app, so users can paste them. Fires `sign-in` and `sign-in-at-provider`.
 */
export class SignInForm extends AppElement {
  static override styles = [
    base,
    css`
      form {
        display: grid;
        gap: 0.75rem;
        max-width: 34rem;
        margin: 0 auto;
        padding: 1.5rem;
        border: 1px solid var(--line);
        border-radius: var(--rounder);
        background: var(--card);
      }
      div {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 0.5rem;
      }
      label {
        flex: 1 1 14rem;
      }
    `,
  ];
  static override properties = {
    problem: { attribute: false },
    config: { attribute: false },
    canAdd: { type: Boolean },
  };
  declare problem: string;
  /** Null as long as it is not known. */
  declare config: AuthConfig | null;
  /** Whether files can be added for the user who signed in last. */
  declare canAdd: boolean;

  constructor() {
    super();
    this.problem = '';
    this.config = null;
    this.canAdd = false;
  }

  override render() {
    const t = strings().signIn;
    return html`<form @submit=${this.#submit}>
      <h2>${t.title}</h2>
      ${this.config ? this.#way(this.config) : nothing}
      ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}
      ${this.canAdd ? html`<p class="quiet">${t.canAdd}</p>` : nothing}
    </form>`;
  }

  #way(config: AuthConfig) {
    const t = strings().signIn;
    switch (config.sign_in) {
      case 'none':
        return html`<p>${t.none}</p>`;
      case 'openid':
        return html`<p>${t.provider.how(new URL(config.issuer).host)}</p>
          <div><button class="main">${t.go}</button></div>`;
      case 'link':
        return html`<p>${t.how}</p>
          <div>
            <label>${t.link}<input name="link" type="url" required autocomplete="off" spellcheck="false" dir="ltr" /></label>
            <button class="main">${t.go}</button>
          </div>`;
    }
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('input, button')?.focus();
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    if (this.config?.sign_in === 'openid') {
      this.dispatchEvent(new Event('sign-in-at-provider'));
      return;
    }
    const link = new FormData(event.target as HTMLFormElement).get('link');
    this.dispatchEvent(new CustomEvent<string>('sign-in', { detail: String(link) }));
  }
}

customElements.define('sign-in-form', SignInForm);
