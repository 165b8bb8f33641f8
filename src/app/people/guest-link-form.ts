import { html, nothing } from 'lit';
import type { UploadClient } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError } from '../i18n/describe.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { createGuestLink } from './people-api.ts';
import { peopleStyles } from './people-styles.ts';

const GB = 1e9;

/** The form of a new guest link. Fires `created` with its token, and `cancel`. */
export class GuestLinkForm extends AppElement {
  static override styles = [base, peopleStyles];
  static override properties = {
    client: { attribute: false },
    recipient: { attribute: false },
    problem: { state: true },
    isSending: { state: true },
  };
  declare client: UploadClient | null;
  /** The proposed name of the recipient. */
  declare recipient: string;
  declare problem: string;
  declare isSending: boolean;

  constructor() {
    super();
    this.client = null;
    this.recipient = '';
    this.problem = '';
    this.isSending = false;
  }

  override render() {
    const t = strings().guestLinks;
    return html`<form @submit=${this.#submit}>
      <label class="wide">${t.name}<input name="name" maxlength="200" autocomplete="off" /></label>
      <label class="wide">${t.recipient}<input name="recipient" maxlength="200" .value=${this.recipient} required /></label>
      <label>${t.files}<input name="files" type="number" min="1" max="1000" value="100" required /></label>
      <label>${t.size}<input name="size" type="number" min="0.001" max="1000" step="any" value="5" required /></label>
      <label>${t.days}<input name="days" type="number" min="1" max="30" value="7" required /></label>
      ${this.problem ? html`<p class="bad wide" role="alert">${this.problem}</p>` : nothing}
      <div class="actions">
        <button class="main" ?disabled=${this.isSending}>${t.go}</button>
        <button type="button" @click=${() => this.dispatchEvent(new Event('cancel'))}>${t.cancel}</button>
      </div>
    </form>`;
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector('input')?.focus();
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!this.client) return;
    const form = new FormData(event.target as HTMLFormElement);
    const options = {
      name: String(form.get('name')),
      recipient: String(form.get('recipient')),
      max_files: Number(form.get('files')),
      max_bytes: Math.round(Number(form.get('size')) * GB),
      days: Number(form.get('days')),
    };
    this.isSending = true;
    this.problem = '';
    try {
      const token = await createGuestLink(this.client.api, options);
      this.dispatchEvent(new CustomEvent<string>('created', { detail: token }));
    } catch (error) {
      this.problem = describeError(error);
    } finally {
      this.isSending = false;
    }
  }
}

customElements.define('guest-link-form', GuestLinkForm);
