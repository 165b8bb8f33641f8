import { css, html, nothing } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { formatBytes } from '../i18n/format.ts';
import type { StorageStatus } from '../state/browser-features.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';

export type NetworkState = 'online' | 'offline' | 'stalled' | 'held';

/** From here on storage is called almost full. */
const FULL_SHARE = 0.9;

/** The foot of the page: the link, what is kept here, and the way to everything else. */
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
      .held {
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
      .words {
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
        /* Room for the link's words: the panel tells it too. */
        .storage:has(+ .install) {
          display: none;
        }
        .install {
          margin-inline-start: auto;
        }
        .words:has(+ .short) {
          display: none;
        }
        .short {
          display: inline;
        }
        button .words {
          position: absolute;
          width: 1px;
          height: 1px;
          clip-path: inset(50%);
        }
      }
    `,
  ];
  static override properties = {
    link: { attribute: false },
    storage: { attribute: false },
    installable: { type: Boolean },
  };
  declare link: NetworkState;
  declare storage: StorageStatus | null;
  declare installable: boolean;
  /** That a page opens online is nothing to be told; that the link comes back is. */
  #isNews = false;

  constructor() {
    super();
    this.link = 'online';
    this.storage = null;
    this.installable = false;
  }

  override willUpdate(): void {
    if (this.link !== 'online') this.#isNews = true;
  }

  override render() {
    const said = strings().status;
    const ask = (what: string) => () => this.dispatchEvent(new CustomEvent(what));
    return html`<footer>
      <p class=${this.link} role="status" aria-live=${this.#isNews ? 'polite' : 'off'}>${icon(this.link === 'online' ? 'online' : 'offline')}
        ${this.#linkWords()}</p>
      <p class="storage numbers ${this.#isFull ? 'full' : 'quiet'}">${this.#storageWords()}</p>
      ${this.installable ? html`<button class="install" @click=${ask('install')}>${said.install}</button>` : nothing}
      <button class="bare" @click=${ask('open-status')}>${icon('settings')}<span class="words">${said.title}</span></button>
    </footer>`;
  }

  /** Where there is little room, in few words. */
  #linkWords() {
    const said = strings().status;
    const both = (long: string, short: string) =>
      html`<span class="words">${long}</span><span class="words short">${short}</span>`;
    switch (this.link) {
      case 'online':
        return html`<span class="words">${said.online}</span>`;
      case 'offline':
        return both(said.offline, said.offlineShort);
      case 'stalled':
        return both(said.stalled, said.stalledShort);
      case 'held':
        return html`<span class="words">${said.mobileHeld}</span>`;
    }
  }

  get #isFull(): boolean {
    return this.storage !== null && this.storage.usedBytes > FULL_SHARE * this.storage.quotaBytes;
  }

  #storageWords(): string {
    if (this.#isFull) return strings().status.full;
    return this.storage ? strings().status.usedShort(formatBytes(this.storage.usedBytes)) : '';
  }
}

customElements.define('status-bar', StatusBar);
