import { css, html, nothing } from 'lit';
import type { AppContext } from '../state/app-context.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import './account-button.ts';
import type { AuthConfig } from './auth-config.ts';
import './sign-out.ts';

/** Who is signed in, and the way out. */
export class UserBar extends AppElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        align-items: center;
        justify-content: flex-end;
        gap: 0.25rem;
        min-width: 0;
      }
      @media (max-width: 34rem) {
        :host {
          gap: 0;
          font-size: var(--size-small);
        }
      }
    `,
  ];
  static override properties = {
    context: { attribute: false },
    config: { attribute: false },
    userId: { attribute: false },
  };
  declare context: AppContext | null;
  declare config: AuthConfig | null;
  declare userId: string | null;

  constructor() {
    super();
    this.context = null;
    this.config = null;
    this.userId = null;
  }

  override render() {
    const { context, config, userId } = this;
    if (!context || userId === null) return nothing;
    return html`<account-button
        .context=${context}
        .config=${config}
        .userId=${userId}
        @request-sign-out=${() => this.renderRoot.querySelector('sign-out')?.ask()}
      ></account-button>
      <sign-out .client=${context.client}></sign-out>`;
  }
}

customElements.define('user-bar', UserBar);
