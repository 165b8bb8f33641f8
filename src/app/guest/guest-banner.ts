import { css, html, nothing } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { formatBytes, formatDate } from '../i18n/format.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import type { GuestLinkView } from './guest-api.ts';

/** Tells guests whom they send files to, and what the link still takes. */
export class GuestBanner extends AppElement {
  static override styles = [
    base,
    css`
      section {
        display: grid;
        gap: 0.25rem;
        margin-block-end: 1rem;
        padding: 0.75rem 1rem;
        border: 1px solid var(--accent);
        border-radius: var(--rounder);
        background: var(--accent-soft);
        overflow-wrap: anywhere;
      }
      .ended {
        border-color: var(--warn);
        background: var(--warn-soft);
      }
    `,
  ];
  static override properties = { link: { attribute: false } };
  /** Null if the link has ended, undefined while it is not known. */
  declare link: GuestLinkView | null | undefined;

  constructor() {
    super();
    this.link = undefined;
  }

  override render() {
    const t = strings().guest;
    if (this.link === null) {
      return html`<section class="ended"><h2>${t.ended}</h2><p>${t.askForLink}</p></section>`;
    }
    return html`<section>
      <h2>${t.title(this.link?.recipient ?? '')}</h2>
      ${this.link ? this.#limits(this.link) : nothing}
      <p class="quiet">${t.privacy}</p>
    </section>`;
  }

  #limits({ name, files, max_files: maxFiles, bytes, max_bytes: maxBytes, expires_at: expiresAt }: GuestLinkView) {
    const t = strings().guest;
    const [leftFiles, leftBytes] = [maxFiles - files, maxBytes - bytes];
    return html`${name ? html`<p><strong><bdi>${name}</bdi></strong></p>` : nothing}
      <p>${
        leftFiles <= 0 || leftBytes <= 0
          ? t.full
          : html`${t.left(t.files(leftFiles), formatBytes(leftBytes))} · ${t.until(formatDate(expiresAt))}`
      }</p>`;
  }
}

customElements.define('guest-banner', GuestBanner);
