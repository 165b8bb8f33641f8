import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { UploadClient } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { formatDate, formatDateTime, formatDuration } from '../i18n/format.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { BASE } from '../urls.ts';
import { DevicesController } from './devices-controller.ts';
import { focusFirst } from './focus-first.ts';
import './link-share.ts';
import type { Device, DeviceLink } from './people-api.ts';
import { peopleStyles } from './people-styles.ts';

/**
 * The devices of the user. Signs them out, and adds one with a link. Fires `request-sign-out` for
 * this device.
 */
export class DeviceList extends AppElement {
  static override styles = [base, peopleStyles];
  static override properties = { client: { attribute: false }, asked: { state: true }, result: { state: true } };
  declare client: UploadClient | null;
  /** The device that the user is asked about. */
  declare asked: string | null;
  declare result: string;
  readonly #controller = new DevicesController(this);
  #lastAsked = '';

  constructor() {
    super();
    this.client = null;
    this.asked = null;
    this.result = '';
  }

  protected override restoreFocus(): void {
    focusFirst(this.renderRoot, ['.answer', `#end-${this.#lastAsked}`, '.add']);
  }

  override render() {
    const t = strings().devices;
    const { devices, link, problem } = this.#controller;
    return html`<section aria-labelledby="devices">
      <h3 id="devices">${t.title}</h3>
      <ul>${repeat(
        devices,
        ({ device_id: id }) => id,
        (device) => this.#device(device),
      )}</ul>
      ${link ? this.#link(link) : html`<button class="add" @click=${this.#add}>${icon('add')}${t.add}</button>`}
      <p role="status">${this.#status()}</p>
      ${problem ? html`<p class="bad" role="alert">${problem}</p>` : nothing}
    </section>`;
  }

  #device(device: Device) {
    const t = strings().devices;
    const { device_id: id, user_agent: name } = device;
    const times = html`<div class="quiet">${t.addedOn(formatDate(device.created_at))} ·
      ${t.lastUsed(formatDateTime(device.last_used_at))}</div>`;
    return html`<li>
      <div><span class="name"><bdi>${name}</bdi></span>${device.is_current ? html` · ${t.current}` : nothing}${times}</div>
      ${this.asked === id ? this.#question(device) : this.#signOutButton(device)}
    </li>`;
  }

  #signOutButton(device: Device) {
    const t = strings().devices;
    const { device_id: id, user_agent: name, is_current: isCurrent } = device;
    const ask = () => {
      if (isCurrent) this.dispatchEvent(new Event('request-sign-out', { bubbles: true, composed: true }));
      else this.asked = this.#lastAsked = id;
    };
    return html`<button id=${`end-${id}`} aria-label=${t.signOutDevice(name)} @click=${ask}>${t.signOut}</button>`;
  }

  #question(device: Device) {
    const t = strings().devices;
    const end = async () => {
      if (await this.#controller.end(device)) this.result = t.signedOut(device.user_agent);
      this.asked = null;
    };
    return html`<p class="question" role="alert">${t.question(device.user_agent)}</p>
      <div class="actions">
        <button class="main answer" @click=${end}>${t.confirm}</button>
        <button @click=${this.#cancel}>${t.cancel}</button>
      </div>`;
  }

  #link({ code, expires_at: expiresAt }: DeviceLink) {
    const t = strings().devices;
    const leftSeconds = (expiresAt - Date.now()) / 1000;
    if (leftSeconds <= 0) {
      return html`<p role="alert">${t.expired}</p>
        <button class="add" @click=${this.#add}>${t.again}</button>`;
    }
    const url = new URL(BASE, location.origin + location.pathname);
    url.hash = `code=${code}`;
    return html`<p>${t.how}</p>
      <link-share .url=${url.href}></link-share>
      <p class="quiet">${t.valid(formatDuration(leftSeconds))}</p>
      <button class="add" @click=${() => this.#controller.endLink()}>${t.done}</button>`;
  }

  #status(): string {
    const { added } = this.#controller;
    return added ? strings().devices.added(added.user_agent) : this.result;
  }

  #add(): void {
    this.result = '';
    void this.#controller.createLink();
  }

  #cancel(): void {
    this.asked = null;
  }
}

customElements.define('device-list', DeviceList);
