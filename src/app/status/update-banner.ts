import { html, nothing, type PropertyValues } from 'lit';
import type { UploadClient } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { bannerStyles } from '../ui/banner-styles.ts';
import { base } from '../ui/base-styles.ts';

/** Says that a new version is ready, and loads it when nothing is on its way: never in mid-upload. */
export class UpdateBanner extends AppElement {
  static override styles = [base, bannerStyles];
  static override properties = {
    client: { attribute: false },
    busy: { attribute: false },
    ready: { state: true },
    wanted: { state: true },
  };
  declare client: UploadClient | null;
  declare busy: boolean;
  declare ready: boolean;
  declare wanted: boolean;

  constructor() {
    super();
    this.client = null;
    this.busy = false;
    this.ready = false;
    this.wanted = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('client')) {
      this.client?.updates.onReady(() => {
        this.ready = true;
      });
    }
    if (this.ready && this.wanted && !this.busy) void this.client?.updates.apply();
  }

  override render() {
    if (!this.ready) return nothing;
    const said = strings();
    const want = () => {
      this.wanted = true;
    };
    return html`<p role="status">${said.update.ready}
      ${
        this.wanted
          ? html`<span class="quiet">${said.update.waiting}</span>`
          : html`<button @click=${want}>${this.busy ? said.update.whenIdle : said.reload}</button>`
      }</p>`;
  }
}

customElements.define('update-banner', UpdateBanner);
