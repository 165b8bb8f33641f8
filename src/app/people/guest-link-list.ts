import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { type UploadClient, UploadError } from '../../page/index.ts';
import { toGuestUrl } from '../guest/guest-token.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError } from '../i18n/describe.ts';
import { formatBytes, formatDate, formatNumber } from '../i18n/format.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { BASE } from '../urls.ts';
import { focusFirst } from './focus-first.ts';
import './guest-link-form.ts';
import './link-share.ts';
import { deleteGuestLink, type GuestLink, listGuestLinks } from './people-api.ts';
import { peopleStyles } from './people-styles.ts';

/** The guest links of the user: creates, lists and deletes them. */
export class GuestLinkList extends AppElement {
  static override styles = [base, peopleStyles];
  static override properties = {
    client: { attribute: false },
    recipient: { attribute: false },
    links: { state: true },
    isCreating: { state: true },
    token: { state: true },
    asked: { state: true },
    result: { state: true },
    problem: { state: true },
  };
  declare client: UploadClient | null;
  declare recipient: string;
  /** Null if the server has no guest links. */
  declare links: readonly GuestLink[] | null;
  declare isCreating: boolean;
  /** The token of the link that was just created; empty for none. */
  declare token: string;
  /** The link that the user is asked about. */
  declare asked: string | null;
  declare result: string;
  declare problem: string;
  #lastAsked = '';

  constructor() {
    super();
    this.client = null;
    this.recipient = '';
    this.links = [];
    this.isCreating = false;
    this.token = '';
    this.asked = null;
    this.result = '';
    this.problem = '';
  }

  override firstUpdated(): void {
    void this.#try(() => this.#load());
  }

  protected override restoreFocus(): void {
    focusFirst(this.renderRoot, ['.answer', `#delete-${this.#lastAsked}`, '.create']);
  }

  override render() {
    const t = strings().guestLinks;
    if (!this.links) return nothing;
    return html`<section aria-labelledby="guests">
      <h3 id="guests">${t.title}</h3>
      <p class="quiet">${t.how}</p>
      <ul>${repeat(
        this.links,
        ({ guest_link_id: id }) => id,
        (link) => this.#link(link),
      )}</ul>
      ${this.#creation()}
      <p role="status">${this.result}</p>
      ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}
    </section>`;
  }

  #creation() {
    const t = strings().guestLinks;
    if (this.token) {
      const url = toGuestUrl(new URL(BASE, location.origin + location.pathname).href, this.token);
      return html`<p>${t.ready}</p><link-share .url=${url}></link-share>
        <button class="create" @click=${() => this.#show({ token: '' })}>${t.done}</button>`;
    }
    if (!this.isCreating) {
      return html`<button class="create" @click=${() => this.#show({ isCreating: true })}>${icon('add')}${t.create}</button>`;
    }
    return html`<guest-link-form
      .client=${this.client}
      .recipient=${this.recipient}
      @created=${this.#onCreated}
      @cancel=${() => this.#show({ isCreating: false })}
    ></guest-link-form>`;
  }

  #link(link: GuestLink) {
    const t = strings().guestLinks;
    const { guest_link_id: id, files, max_files: maxFiles, bytes, max_bytes: maxBytes } = link;
    const usage = t.usage(formatNumber(files), formatNumber(maxFiles), formatBytes(bytes), formatBytes(maxBytes));
    const ask = () => {
      this.#lastAsked = id;
      this.#show({ asked: id });
    };
    return html`<li>
      <div><span class="name"><bdi>${getName(link)}</bdi></span>
        <div class="quiet">${usage} · ${t.until(formatDate(link.expires_at))}</div></div>
      ${
        this.asked === id
          ? this.#question(link)
          : html`<button id=${`delete-${id}`} aria-label=${t.removeLink(getName(link))} @click=${ask}>${t.remove}</button>`
      }
    </li>`;
  }

  #question(link: GuestLink) {
    const t = strings().guestLinks;
    const remove = () =>
      this.#try(async () => {
        if (this.client) await deleteGuestLink(this.client.api, link.guest_link_id);
        this.#show({ asked: null, result: t.removed });
        await this.#load();
      });
    return html`<p class="question" role="alert">${t.question(getName(link))}</p>
      <div class="actions">
        <button class="main answer" @click=${remove}>${t.confirm}</button>
        <button @click=${() => this.#show({ asked: null })}>${t.cancel}</button>
      </div>`;
  }

  #show(state: Partial<Pick<GuestLinkList, 'token' | 'isCreating' | 'asked' | 'result'>>): void {
    Object.assign(this, { result: '', ...state });
  }

  async #onCreated({ detail: token }: CustomEvent<string>): Promise<void> {
    this.#show({ token, isCreating: false });
    await this.#try(() => this.#load());
  }

  async #load(): Promise<void> {
    if (!this.client) return;
    this.links = await listGuestLinks(this.client.api).catch((error: unknown) => {
      if (error instanceof UploadError && error.status === 404) return null;
      throw error;
    });
  }

  async #try(act: () => Promise<void>): Promise<void> {
    this.problem = await act().then(() => '', describeError);
  }
}

function getName({ name }: GuestLink): string {
  return name || strings().guestLinks.unnamed;
}

customElements.define('guest-link-list', GuestLinkList);
