import { html, nothing, type PropertyValues } from 'lit';
import type { UploadClient } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { bannerStyles } from '../ui/banner-styles.ts';
import { base } from '../ui/base-styles.ts';

/** Offers a new version, and reloads the page when no upload would be interrupted. */
export class UpdateBanner extends AppElement {
  static override styles = [base, bannerStyles];
  static override properties = {
    client: { attribute: false },
    busy: { attribute: false },
    isReady: { state: true },
    isRequested: { state: true },
  };
  declare client: UploadClient | null;
  declare busy: boolean;
  declare isReady: boolean;
  declare isRequested: boolean;

  constructor() {
    super();
    this.client = null;
    this.busy = false;
    this.isReady = false;
    this.isRequested = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('client')) {
      this.client?.updates.onReady(() => {
        this.isReady = true;
      });
    }
    if (this.isReady && this.isRequested && !this.busy) void this.client?.updates.apply();
  }

  override render() {
    if (!this.isReady) return nothing;
    const t = strings();
    const request = () => {
      this.isRequested = true;
    };
    return html`<p role="status">${t.update.ready}
      ${
        this.isRequested
          ? html`<span class="quiet">${t.update.waiting}</span>`
          : html`<button @click=${request}>${this.busy ? t.update.whenIdle : t.reload}</button>`
      }</p>`;
  }
}

customElements.define('update-banner', UpdateBanner);
