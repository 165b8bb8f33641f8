import { html, nothing } from 'lit';
import { BACKGROUND_FETCH_MODES, type BackgroundFetchMode, canDetectCellular } from '../../page/index.ts';
import { getLanguage, isLanguage, LANGUAGES, setLanguage, strings } from '../i18n/catalogue.ts';
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
import { dialogStyles } from '../ui/dialog-styles.ts';
import { icon } from '../ui/icons.ts';
import { statusPanelStyles } from './status-panel-styles.ts';

/** The settings, and what the browser supports and stores. */
export class StatusPanel extends AppElement {
  static override styles = [base, dialogStyles, statusPanelStyles];
  static override properties = {
    storage: { attribute: false },
    installable: { type: Boolean },
    clearable: { type: Boolean },
    pausesOnCellular: { type: Boolean },
    backgroundFetchMode: { attribute: false },
    open: { state: true },
    isPersistRefused: { state: true },
    languageProblem: { state: true },
  };
  declare storage: StorageStatus | null;
  declare installable: boolean;
  declare clearable: boolean;
  declare pausesOnCellular: boolean;
  declare backgroundFetchMode: BackgroundFetchMode;
  declare open: boolean;
  declare isPersistRefused: boolean;
  /** Why the chosen language could not be loaded. */
  declare languageProblem: string;

  constructor() {
    super();
    this.storage = null;
    this.installable = false;
    this.clearable = false;
    this.pausesOnCellular = false;
    this.backgroundFetchMode = 'ask';
    this.open = false;
    this.isPersistRefused = false;
    this.languageProblem = '';
  }

  async show(): Promise<void> {
    this.open = true;
    await this.updateComplete;
    this.renderRoot.querySelector('dialog')?.showModal();
  }

  /** While the modal dialog is open, only its own elements can have the focus. */
  protected override restoreFocus(): void {
    this.renderRoot.querySelector<HTMLElement>('.head button')?.focus();
  }

  /**
   * Renders an empty dialog while it is closed: its content queries the browser, which would slow
   * down the start of the app.
   */
  override render() {
    return html`<dialog aria-labelledby="title" @click=${this.#onClick} @close=${this.#onClose}>
      ${this.open ? this.#content() : nothing}</dialog>`;
  }

  #content() {
    const t = strings().status;
    return html`<div class="head"><h2 id="title">${t.title}</h2>
        <button class="bare icon" aria-label=${strings().close} @click=${this.#close}>${icon('close')}</button></div>
      <section><h3>${t.background}</h3><p>${hasBackgroundSync() ? t.sync : t.noSync}</p>
        ${hasBackgroundFetch() ? this.#backgroundFetch() : nothing}${this.#notifications()}</section>
      ${this.storage ? this.#storage(this.storage) : nothing}
      ${canDetectCellular() ? this.#cellular() : nothing}
      ${this.installable ? this.#install() : nothing}
      <section><label>${t.language}<select name="language" @change=${this.#setLanguage}>
        ${Object.entries(LANGUAGES).map(
          ([tag, name]) => html`<option value=${tag} lang=${tag} .selected=${tag === getLanguage()}>${name}</option>`,
        )}
      </select></label>
      ${this.languageProblem ? html`<p role="alert" class="bad">${this.languageProblem}</p>` : nothing}</section>
      <section><h3>${t.keyboard}</h3><p>${strings().queue.keys}</p></section>`;
  }

  #storage({ usedBytes, quotaBytes, persisted }: StorageStatus) {
    const t = strings().status;
    return html`<section>
      <h3>${t.storage}</h3>
      <label class="numbers">${t.used(formatBytes(usedBytes), formatBytes(quotaBytes))}
        <progress max=${quotaBytes} .value=${usedBytes}>${formatPercent(usedBytes / quotaBytes)}</progress></label>
      <p>${persisted ? t.persisted : t.notPersisted}</p>
      ${persisted ? nothing : html`<button @click=${this.#persist}>${t.persist}</button>`}
      ${this.isPersistRefused ? html`<p role="status">${t.persistRefused}</p>` : nothing}
      ${this.clearable ? html`<button @click=${() => this.#request('clear')}>${strings().queue.clear}</button>` : nothing}
    </section>`;
  }

  #backgroundFetch() {
    const t = strings().backgroundFetch;
    const change = (event: Event) =>
      this.dispatchEvent(
        new CustomEvent('background-fetch-mode', { detail: (event.target as HTMLSelectElement).value }),
      );
    return html`<label>${t.mode}<select name="backgroundFetch" @change=${change}>
      ${BACKGROUND_FETCH_MODES.map(
        (mode) => html`<option value=${mode} .selected=${mode === this.backgroundFetchMode}>${t.modes[mode]}</option>`,
      )}
    </select></label>`;
  }

  /** Only buttons ask for the permission. A user who denied it is not asked again. */
  #notifications() {
    const t = strings().status;
    if (getNotificationPermission() === 'granted') return html`<p>${t.notifies}</p>`;
    const ask = async () => {
      await requestNotificationPermission();
      this.requestUpdate();
    };
    return getNotificationPermission() === 'default' ? html`<button @click=${ask}>${t.notify}</button>` : nothing;
  }

  #cellular() {
    const change = (event: Event) =>
      this.dispatchEvent(new CustomEvent('pause-on-cellular', { detail: (event.target as HTMLInputElement).checked }));
    return html`<section><label class="check">
      <input type="checkbox" ?checked=${this.pausesOnCellular} @change=${change} />${strings().status.wifiOnly}</label></section>`;
  }

  #install() {
    const t = strings().status;
    return html`<section><p>${t.installHow}</p>
      <button @click=${() => this.#request('install')}>${t.install}</button></section>`;
  }

  #request(type: string): void {
    this.dispatchEvent(new CustomEvent(type));
  }

  async #persist(): Promise<void> {
    this.isPersistRefused = !(await navigator.storage.persist().catch(() => false));
    this.#request('storage');
  }

  async #setLanguage(event: Event): Promise<void> {
    const { value } = event.target as HTMLSelectElement;
    this.languageProblem = isLanguage(value) ? await setLanguage(value).then(() => '', describeError) : '';
  }

  #close(): void {
    this.renderRoot.querySelector('dialog')?.close();
  }

  #onClose(): void {
    this.open = false;
  }

  /** A click on the backdrop targets the dialog, like a click on its padding. */
  #onClick({ target, currentTarget, clientX: x, clientY: y }: MouseEvent): void {
    if (target !== currentTarget) return;
    const { left, right, top, bottom } = (currentTarget as Element).getBoundingClientRect();
    if (x < left || x > right || y < top || y > bottom) this.#close();
  }
}

customElements.define('status-panel', StatusPanel);
