import { css, html, nothing } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';

/** What a signed-out page shows: how to sign in, also in an installed app, which no link opens by itself. */
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
  static override properties = { problem: { attribute: false }, kept: { type: Boolean } };
  declare problem: string;
  /** Whether somebody's queue is there to take files meanwhile. */
  declare kept: boolean;

  constructor() {
    super();
    this.problem = '';
    this.kept = false;
  }

  override render() {
    const said = strings().signIn;
    return html`<form @submit=${this.#submit}>
      <h2>${said.title}</h2>
      <p>${said.how}</p>
      <div>
        <label>${said.link}<input name="link" type="url" required autocomplete="off" spellcheck="false" dir="ltr" /></label>
        <button class="main">${said.go}</button>
      </div>
      ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}
      ${this.kept ? html`<p class="quiet">${said.kept}</p>` : nothing}
    </form>`;
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus();
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const link = new FormData(event.target as HTMLFormElement).get('link');
    this.dispatchEvent(new CustomEvent<string>('sign-in', { detail: String(link) }));
  }
}

customElements.define('sign-in-form', SignInForm);
