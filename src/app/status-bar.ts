import { css, html, nothing } from 'lit';
import type { StorageFacts } from './abilities.ts';
import { AppElement } from './app-element.ts';
import { base } from './base-styles.ts';
import { icon } from './icons.ts';
import { words } from './words/catalogue.ts';
import { bytes } from './words/format.ts';

export type LinkState = 'online' | 'offline' | 'stalled' | 'held';

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
  declare link: LinkState;
  declare storage: StorageFacts | null;
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
    const said = words().status;
    const ask = (what: string) => () => this.dispatchEvent(new CustomEvent(what));
    return html`<footer>
      <p class=${this.link} role="status" aria-live=${this.#isNews ? 'polite' : 'off'}>${icon(this.link === 'online' ? 'online' : 'offline')}
        <span class="words">${this.#linkWords()}</span></p>
      <p class="storage numbers quiet">${this.#storageWords()}</p>
      ${this.installable ? html`<button class="install" @click=${ask('install')}>${said.install}</button>` : nothing}
      <button class="bare" @click=${ask('open-status')}>${icon('settings')}<span class="words">${said.title}</span></button>
    </footer>`;
  }

  #linkWords(): string {
    const said = words().status;
    // Asked only where it matters: it has the page laid out.
    const isNarrow = this.link !== 'online' && this.offsetWidth < 500;
    switch (this.link) {
      case 'online':
        return said.online;
      case 'offline':
        return isNarrow ? said.offlineShort : said.offline;
      case 'stalled':
        return isNarrow ? said.stalledShort : said.stalled;
      case 'held':
        return said.mobileHeld;
    }
  }

  #storageWords(): string {
    const { storage } = this;
    if (!storage) return '';
    if (storage.usedBytes > FULL_SHARE * storage.quotaBytes) return words().status.full;
    return words().status.usedShort(bytes(storage.usedBytes));
  }
}

customElements.define('status-bar', StatusBar);
