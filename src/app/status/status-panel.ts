import { css, html, nothing } from 'lit';
import { BACKGROUND_FETCH_MODES, type BackgroundFetchMode, canDetectCellular } from '../../page/index.ts';
import { isLanguage, LANGUAGES, language, setLanguage, strings } from '../i18n/catalogue.ts';
import { describeError } from '../i18n/describe.ts';
import { formatBytes, formatPercent } from '../i18n/format.ts';
import {
  getNotificationPermission,
  hasBackgroundFetch,
  hasBackgroundSync,
  requestNotificationPermission,
  type StorageStatus,
} from '../state/browser-features.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';

/** What this browser can do and keeps, and the few settings there are. */
export class StatusPanel extends AppElement {
  static override styles = [
    base,
    css`
      dialog {
        width: min(32rem, calc(100vw - 2rem));
        max-height: calc(100dvh - 2rem);
        padding: 1rem 1.25rem 1.25rem;
        border: 1px solid var(--edge);
        border-radius: var(--rounder);
        background: var(--card);
        color: var(--ink);
        overflow-y: auto;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 1rem;
      }
      section {
        display: grid;
        justify-items: start;
        gap: 0.5rem;
        padding-block: 1rem;
        border-block-start: 1px solid var(--line);
      }
      section:last-of-type {
        padding-block-end: 0;
      }
      h3 {
        font-size: 1rem;
      }
      p,
      label {
        font-size: var(--size-small);
      }
      label:has(progress),
      progress {
        width: 100%;
        accent-color: var(--accent);
      }
      .check {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        min-height: 1.5rem;
        color: var(--ink);
      }
      select {
        width: auto;
      }
    `,
  ];
  static override properties = {
    storage: { attribute: false },
    installable: { type: Boolean },
    clearable: { type: Boolean },
    heldOnMobile: { type: Boolean },
    carrierMode: { attribute: false },
    open: { state: true },
    refused: { state: true },
    unspoken: { state: true },
  };
  declare storage: StorageStatus | null;
  declare installable: boolean;
  declare clearable: boolean;
  declare heldOnMobile: boolean;
  declare carrierMode: BackgroundFetchMode;
  declare open: boolean;
  declare refused: boolean;
  /** Why the language that was chosen is not spoken. */
  declare unspoken: string;

  constructor() {
    super();
    this.storage = null;
    this.installable = false;
    this.clearable = false;
    this.heldOnMobile = false;
    this.carrierMode = 'ask';
    this.open = false;
    this.refused = false;
    this.unspoken = '';
  }

  async show(): Promise<void> {
    this.open = true;
    await this.updateComplete;
    this.renderRoot.querySelector('dialog')?.showModal();
  }

  /** Outside of the dialog nothing can take it. */
  protected override restoreFocus(): void {
    this.renderRoot.querySelector<HTMLElement>('.head button')?.focus();
  }

  /** Closed it is empty: what it tells is asked of the browser, and a page that opens would wait for the answers. */
  override render() {
    return html`<dialog aria-labelledby="title" @click=${this.#clickOutside} @close=${this.#closed}>
      ${this.open ? this.#content() : nothing}</dialog>`;
  }

  #content() {
    const said = strings().status;
    return html`<div class="head"><h2 id="title">${said.title}</h2>
        <button class="bare icon" aria-label=${strings().close} @click=${this.#close}>${icon('close')}</button></div>
      <section><h3>${said.background}</h3><p>${hasBackgroundSync() ? said.sync : said.noSync}</p>
        ${hasBackgroundFetch() ? this.#carrier() : nothing}${this.#tell()}</section>
      ${this.storage ? this.#storage(this.storage) : nothing}
      ${canDetectCellular() ? this.#mobile() : nothing}
      ${this.installable ? this.#install() : nothing}
      <section><label>${said.language}<select name="language" @change=${this.#choose}>
        ${Object.entries(LANGUAGES).map(
          ([tag, name]) => html`<option value=${tag} lang=${tag} .selected=${tag === language()}>${name}</option>`,
        )}
      </select></label>
      ${this.unspoken ? html`<p role="alert" class="bad">${this.unspoken}</p>` : nothing}</section>
      <section><h3>${said.keyboard}</h3><p>${strings().queue.keys}</p></section>`;
  }

  #storage({ usedBytes, quotaBytes, durable }: StorageStatus) {
    const said = strings().status;
    return html`<section>
      <h3>${said.storage}</h3>
      <label class="numbers">${said.used(formatBytes(usedBytes), formatBytes(quotaBytes))}
        <progress max=${quotaBytes} .value=${usedBytes}>${formatPercent(usedBytes / quotaBytes)}</progress></label>
      <p>${durable ? said.durable : said.notDurable}</p>
      ${durable ? nothing : html`<button @click=${this.#makeDurable}>${said.makeDurable}</button>`}
      ${this.refused ? html`<p role="status">${said.durableRefused}</p>` : nothing}
      ${this.clearable ? html`<button @click=${() => this.#ask('clear')}>${strings().queue.clear}</button>` : nothing}
    </section>`;
  }

  #carrier() {
    const said = strings().carrier;
    const change = (event: Event) =>
      this.dispatchEvent(new CustomEvent('carrier-mode', { detail: (event.target as HTMLSelectElement).value }));
    return html`<label>${said.mode}<select name="carrier" @change=${change}>
      ${BACKGROUND_FETCH_MODES.map(
        (mode) => html`<option value=${mode} .selected=${mode === this.carrierMode}>${said.modes[mode]}</option>`,
      )}
    </select></label>`;
  }

  /** Asked for here and where something is handed over, never by itself; one that was refused stays so. */
  #tell() {
    const said = strings().status;
    if (getNotificationPermission() === 'granted') return html`<p>${said.tells}</p>`;
    const ask = async () => {
      await requestNotificationPermission();
      this.requestUpdate();
    };
    return getNotificationPermission() === 'default' ? html`<button @click=${ask}>${said.tell}</button>` : nothing;
  }

  #mobile() {
    const change = (event: Event) =>
      this.dispatchEvent(new CustomEvent('mobile', { detail: (event.target as HTMLInputElement).checked }));
    return html`<section><label class="check">
      <input type="checkbox" ?checked=${this.heldOnMobile} @change=${change} />${strings().status.mobile}</label></section>`;
  }

  #install() {
    const said = strings().status;
    return html`<section><p>${said.installHow}</p>
      <button @click=${() => this.#ask('install')}>${said.install}</button></section>`;
  }

  #ask(what: string): void {
    this.dispatchEvent(new CustomEvent(what));
  }

  async #makeDurable(): Promise<void> {
    this.refused = !(await navigator.storage.persist().catch(() => false));
    this.#ask('storage');
  }

  async #choose(event: Event): Promise<void> {
    const { value } = event.target as HTMLSelectElement;
    this.unspoken = isLanguage(value) ? await setLanguage(value).then(() => '', describeError) : '';
  }

  #close(): void {
    this.renderRoot.querySelector('dialog')?.close();
  }

  #closed(): void {
    this.open = false;
  }

  /** What lies around the dialog counts as its own, as its edges do. */
  #clickOutside({ target, currentTarget, clientX: x, clientY: y }: MouseEvent): void {
    if (target !== currentTarget) return;
    const { left, right, top, bottom } = (currentTarget as Element).getBoundingClientRect();
    if (x < left || x > right || y < top || y > bottom) this.#close();
  }
}

customElements.define('status-panel', StatusPanel);

declare global {
  interface HTMLElementTagNameMap {
    'status-panel': StatusPanel;
  }
}
