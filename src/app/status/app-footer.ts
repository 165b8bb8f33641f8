import { css, html } from 'lit';
import { type BackgroundFetchMode, getNetworkInformation } from '../../page/index.ts';
import type { AppContext } from '../state/app-context.ts';
import { Installer, readStorageStatus, type StorageStatus } from '../state/browser-features.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import './status-bar.ts';
import type { NetworkState } from './status-bar.ts';
import './status-panel.ts';
import './toast-list.ts';

/** Storage is asked for this often: an upload that ends frees some, and asking costs little. */
const ASK_STORAGE_MS = 5000;

/** Made with the page: the browser offers when it likes, and once, which may be before there is a foot. */
const installer = new Installer();

/** The foot of the page: what is said in passing, how things stand, and the panel behind it. */
export class AppFooter extends AppElement {
  static override styles = [
    base,
    css`
      toast-list {
        position: absolute;
        inset-inline: 0;
        inset-block-end: 100%;
        padding: 0.75rem;
        pointer-events: none;
      }
    `,
  ];
  static override properties = { desk: { attribute: false }, now: { attribute: false }, storage: { state: true } };
  declare desk: AppContext | null;
  declare now: number;
  declare storage: StorageStatus | null;
  #listening = new AbortController();
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor() {
    super();
    this.desk = null;
    this.now = 0;
    this.storage = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { signal } = this.#listening;
    for (const type of ['online', 'offline']) addEventListener(type, () => this.requestUpdate(), { signal });
    getNetworkInformation()?.addEventListener('change', () => this.requestUpdate(), { signal });
    installer.addEventListener('change', () => this.requestUpdate(), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening.abort();
    this.#listening = new AbortController();
  }

  override willUpdate(): void {
    if (this.now - this.#askedAt > ASK_STORAGE_MS) void this.#askStorage();
  }

  /** Shows how things stand, at length. */
  openStatus(): void {
    void this.#askStorage();
    void this.renderRoot.querySelector('status-panel')?.show();
  }

  override render() {
    const installable = installer.canInstall;
    const install = () => this.desk?.try(() => installer.install());
    return html`<toast-list .toasts=${this.desk?.toasts ?? null}></toast-list>
      <status-bar
        .link=${this.#link}
        .storage=${this.storage}
        ?installable=${installable}
        @install=${install}
        @open-status=${this.openStatus}
      ></status-bar>
      <status-panel
        .storage=${this.storage}
        ?installable=${installable}
        ?clearable=${this.#isClearable}
        @install=${install}
        .carrierMode=${this.desk?.client.backgroundFetch.mode ?? 'ask'}
        @carrier-mode=${({ detail }: CustomEvent<BackgroundFetchMode>) => this.#setCarrierMode(detail)}
        ?heldOnMobile=${this.desk?.client.cellularPolicy.isEnabled ?? false}
        @mobile=${({ detail }: CustomEvent<boolean>) => this.#holdOnMobile(detail)}
        @storage=${this.#askStorage}
        @clear=${() => this.desk?.clearFinished()}
      ></status-panel>`;
  }

  get #isClearable(): boolean {
    const { desk } = this;
    return desk?.client.list().some(({ id, status }) => status === 'completed' && !desk.isRemoved(id)) ?? false;
  }

  get #link(): NetworkState {
    if (!navigator.onLine) return 'offline';
    if (this.desk?.client.cellularPolicy.isPaused) return 'held';
    return this.desk?.throughput.isStalled ? 'stalled' : 'online';
  }

  async #setCarrierMode(mode: BackgroundFetchMode): Promise<void> {
    await this.desk?.try(async () => this.desk?.client.backgroundFetch.setMode(mode));
  }

  async #holdOnMobile(isWanted: boolean): Promise<void> {
    await this.desk?.try(async () => this.desk?.client.cellularPolicy.setPaused(isWanted));
    this.requestUpdate();
  }

  async #askStorage(): Promise<void> {
    this.#askedAt = this.now;
    this.storage = await readStorageStatus();
  }
}

customElements.define('app-footer', AppFooter);

declare global {
  interface HTMLElementTagNameMap {
    'app-footer': AppFooter;
  }
}
