import { css, html, nothing } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { formatBytes } from '../i18n/format.ts';
import type { StorageStatus } from '../state/browser-features.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';

/** `idle`: nothing is being sent, so that nothing is known of the server. */
export type NetworkState = 'idle' | 'online' | 'offline' | 'stalled' | 'cellular' | 'failing';

/** Storage counts as almost full from this share of the quota on. */
const FULL_SHARE = 0.9;

/** The status bar: network, storage, and the buttons for settings and installation. */
export class StatusBar extends AppElement {
  static override styles = [
    base,
    css`
      :host {
        border-block-start: 1px solid var(--line);
        background: var(--card);
      }
      footer {
        display: flex;
        align-items: center;
        gap: 0.25rem 1rem;
        max-width: 80rem;
        margin: 0 auto;
        padding: 0.25rem 1rem;
        font-size: var(--size-small);
      }
      p {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        min-width: 0;
      }
      .online svg {
        color: var(--good);
      }
      .offline,
      .stalled,
      .cellular,
      .failing {
        color: var(--warn);
        font-weight: 600;
      }
      .storage {
        margin-inline-start: auto;
        white-space: nowrap;
      }
      .full {
        color: var(--warn);
        font-weight: 600;
      }
      button {
        flex: none;
        font-size: inherit;
        white-space: nowrap;
      }
      .text {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .short {
        display: none;
      }
      @media (max-width: 34rem) {
        footer {
          padding-inline: 0.75rem;
          gap: 0.5rem;
        }
        /* Makes room for the network status. The panel shows the storage too. */
        .storage:has(+ .install) {
          display: none;
        }
        .failing ~ .storage:not(.full) {
          display: none;
        }
        .failing ~ button {
          margin-inline-start: auto;
        }
        .install {
          margin-inline-start: auto;
        }
        .text:has(+ .short) {
          display: none;
        }
        .short {
          display: inline;
        }
        button .text {
          position: absolute;
          width: 1px;
          height: 1px;
          clip-path: inset(50%);
        }
      }
    `,
  ];
  static override properties = {
    network: { attribute: false },
    problem: { attribute: false },
    cause: { attribute: false },
    storage: { attribute: false },
    installable: { type: Boolean },
  };
  declare network: NetworkState;
  /** Why nothing reaches the server and what follows, for the state `failing`. */
  declare problem: string;
  /** Why nothing reaches the server, in a few words. */
  declare cause: string;
  declare storage: StorageStatus | null;
  declare installable: boolean;
  /** Screen readers announce a reconnect, but not that the app starts online. */
  #isAnnounced = false;

  constructor() {
    super();
    this.network = 'idle';
    this.problem = '';
    this.cause = '';
    this.storage = null;
    this.installable = false;
  }

  override willUpdate(): void {
    if (this.network !== 'online' && this.network !== 'idle') this.#isAnnounced = true;
  }

  override render() {
    const t = strings().status;
    const request = (type: string) => () => this.dispatchEvent(new CustomEvent(type));
    return html`<footer>
      <p class=${this.network} role="status" aria-live=${this.#isAnnounced ? 'polite' : 'off'}>${this.#networkIcon()}
        ${this.#networkText()}</p>
      <p class="storage numbers ${this.#isFull ? 'full' : 'quiet'}">${this.#storageText()}</p>
      ${this.installable ? html`<button class="install" @click=${request('install')}>${t.install}</button>` : nothing}
      <button class="bare" @click=${request('open-settings')}>${icon('settings')}<span class="text">${t.title}</span></button>
    </footer>`;
  }

  #networkIcon() {
    if (this.network === 'idle') return nothing;
    return icon(this.network === 'online' ? 'online' : 'offline');
  }

  /** Long texts have a short form for phones. */
  #networkText() {
    const t = strings().status;
    const both = (long: string, short: string) =>
      html`<span class="text">${long}</span><span class="text short">${short}</span>`;
    switch (this.network) {
      case 'idle':
        return nothing;
      case 'failing':
        return both(this.problem, this.cause);
      case 'online':
        return html`<span class="text">${t.online}</span>`;
      case 'offline':
        return both(t.offline, t.offlineShort);
      case 'stalled':
        return html`<span class="text">${t.stalled}</span>`;
      case 'cellular':
        return html`<span class="text">${t.cellularPaused}</span>`;
    }
  }

  get #isFull(): boolean {
    return this.storage !== null && this.storage.usedBytes > FULL_SHARE * this.storage.quotaBytes;
  }

  #storageText(): string {
    if (this.#isFull) return strings().status.full;
    return this.storage ? strings().status.usedShort(formatBytes(this.storage.usedBytes)) : '';
  }
}

customElements.define('status-bar', StatusBar);
