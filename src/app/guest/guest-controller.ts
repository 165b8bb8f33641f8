import { html, nothing, type ReactiveControllerHost } from 'lit';
import type { UploadView } from '../../page/index.ts';
import { setAudience } from '../i18n/catalogue.ts';
import { type GuestLinkView, readGuestLink } from './guest-api.ts';
import { onGuestTokenChange, readGuestToken } from './guest-token.ts';

/** Knows whether the app belongs to the guests of a link, and what the link still takes. */
export class GuestController {
  readonly #host: Pick<ReactiveControllerHost, 'requestUpdate'>;
  readonly #token = readGuestToken();
  #link: GuestLinkView | null | undefined;
  #progress = '';

  /** Call before a language is loaded: guests get words of their own. */
  constructor(host: Pick<ReactiveControllerHost, 'requestUpdate'>) {
    this.#host = host;
    if (this.#token === null) return;
    setAudience('guest');
    void import('./guest-banner.ts');
    void this.#read(this.#token);
  }

  /** Whether the link takes no uploads any more. */
  get hasEnded(): boolean {
    return this.#link === null;
  }

  /** Starts the app again when another tab changes who uses it. */
  connect(signal: AbortSignal): void {
    onGuestTokenChange(() => location.reload(), signal);
  }

  /** Reads the link again when an upload has taken something of it, or was refused. */
  observe(uploads: readonly UploadView[]): void {
    if (this.#token === null) return;
    const progress = uploads.map(({ id, status }) => `${id} ${status}`).join();
    if (progress === this.#progress) return;
    this.#progress = progress;
    void this.#read(this.#token);
  }

  render() {
    return this.#token === null ? nothing : html`<guest-banner .link=${this.#link}></guest-banner>`;
  }

  async #read(token: string): Promise<void> {
    // Offline the last answer stays.
    this.#link = await readGuestLink(token).catch(() => this.#link);
    this.#host.requestUpdate();
  }
}
