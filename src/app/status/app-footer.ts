import { css, html } from 'lit';
import { type BackgroundFetchMode, getNetworkInformation, loadPart, type ServerProblem } from '../../page/index.ts';
import { describeCause, describeProblem } from '../i18n/describe.ts';
import type { AppContext } from '../state/app-context.ts';
import { readStorageStatus, type StorageStatus } from '../state/browser-features.ts';
import { InstallPrompt } from '../state/install-prompt.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import './status-bar.ts';
import type { NetworkState } from './status-bar.ts';
import type { StatusPanel } from './status-panel.ts';
import './toast-list.ts';

/** Interval between two estimates of the storage, which shrinks when an upload completes. */
const STORAGE_INTERVAL_MS = 5000;

/** Created with the module: the browser fires its event once, possibly before the footer exists. */
const installPrompt = new InstallPrompt();

/** The footer: toasts, status bar, and the settings panel that it opens. */
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
  static override properties = {
    context: { attribute: false },
    problem: { attribute: false },
    now: { attribute: false },
    storage: { state: true },
  };
  declare context: AppContext | null;
  /** What holds back all uploads. */
  declare problem: ServerProblem | null;
  declare now: number;
  declare storage: StorageStatus | null;
  #disconnected = new AbortController();
  #storageReadAt = Number.NEGATIVE_INFINITY;

  constructor() {
    super();
    this.context = null;
    this.problem = null;
    this.now = 0;
    this.storage = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { signal } = this.#disconnected;
    for (const type of ['online', 'offline']) addEventListener(type, () => this.requestUpdate(), { signal });
    getNetworkInformation()?.addEventListener('change', () => this.requestUpdate(), { signal });
    installPrompt.addEventListener('change', () => this.requestUpdate(), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#disconnected.abort();
    this.#disconnected = new AbortController();
  }

  override willUpdate(): void {
    if (this.now - this.#storageReadAt > STORAGE_INTERVAL_MS) void this.#readStorage();
  }

  /** Opens the settings, which load when they are opened. */
  async openSettings(): Promise<void> {
    void this.#readStorage();
    await this.context?.try(async () => {
      await loadPart(import('./status-panel.ts'));
      await this.renderRoot.querySelector<StatusPanel>('status-panel')?.show();
    });
  }

  override render() {
    const installable = installPrompt.canInstall;
    const install = () => this.context?.try(() => installPrompt.install());
    return html`<toast-list .toasts=${this.context?.toasts ?? null}></toast-list>
      <status-bar
        .network=${this.#network}
        .problem=${this.problem ? describeProblem(this.problem) : ''}
        .cause=${this.problem ? describeCause(this.problem) : ''}
        .storage=${this.storage}
        ?installable=${installable}
        @install=${install}
        @open-settings=${this.openSettings}
      ></status-bar>
      <status-panel
        .storage=${this.storage}
        ?installable=${installable}
        ?clearable=${this.#isClearable}
        @install=${install}
        .backgroundFetchMode=${this.context?.client.backgroundFetch.mode ?? 'ask'}
        @background-fetch-mode=${({ detail }: CustomEvent<BackgroundFetchMode>) => this.#setBackgroundFetchMode(detail)}
        ?pausesOnCellular=${this.context?.client.cellularPolicy.isEnabled ?? false}
        @pause-on-cellular=${({ detail }: CustomEvent<boolean>) => this.#setPauseOnCellular(detail)}
        @storage=${this.#readStorage}
        @clear=${() => this.context?.clearFinished()}
      ></status-panel>`;
  }

  get #isClearable(): boolean {
    const { context } = this;
    return context?.client.list().some(({ id, status }) => status === 'completed' && !context.isRemoved(id)) ?? false;
  }

  get #network(): NetworkState {
    if (!navigator.onLine) return 'offline';
    if (this.context?.client.cellularPolicy.isPaused) return 'cellular';
    if (this.problem) return 'failing';
    if (this.context?.throughput.isStalled) return 'stalled';
    return this.context?.throughput.isMeasured ? 'online' : 'idle';
  }

  async #setBackgroundFetchMode(mode: BackgroundFetchMode): Promise<void> {
    await this.context?.try(async () => this.context?.client.backgroundFetch.setMode(mode));
  }

  async #setPauseOnCellular(isEnabled: boolean): Promise<void> {
    await this.context?.try(async () => this.context?.client.cellularPolicy.setEnabled(isEnabled));
    this.requestUpdate();
  }

  async #readStorage(): Promise<void> {
    this.#storageReadAt = this.now;
    this.storage = await readStorageStatus();
  }
}

customElements.define('app-footer', AppFooter);

declare global {
  interface HTMLElementTagNameMap {
    'app-footer': AppFooter;
  }
}
