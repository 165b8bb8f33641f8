import { html, nothing, type PropertyValues } from 'lit';
import { createMetadata, findDuplicates, type Share, type Shares, type UploadView } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import type { AppContext } from '../state/app-context.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { fileNamesStyles, renderFileNames } from './file-names.ts';
import { sharedFilesStyles } from './shared-files-styles.ts';

/**
 * Asks the user about files that another app or a website shared with this one: one share after
 * another, the latest first. Nothing of a share is sent before the answer.
 */
export class SharedFiles extends AppElement {
  static override styles = [base, fileNamesStyles, sharedFilesStyles];
  static override properties = {
    context: { attribute: false },
    uploads: { attribute: false },
    textShareId: { state: true },
    isBusy: { state: true },
  };
  declare context: AppContext | null;
  declare uploads: readonly UploadView[];
  /** The share whose text becomes the notes of its uploads; null for none. */
  declare textShareId: string | null;
  /** Whether an answer is being carried out. */
  declare isBusy: boolean;
  #shares: Shares | null = null;
  readonly #onChange = () => this.requestUpdate();

  constructor() {
    super();
    this.context = null;
    this.uploads = [];
    this.textShareId = null;
    this.isBusy = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observe(null);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('context') || !this.context) return;
    this.#observe(this.context.client.shares);
    this.#reportResult(this.context);
  }

  override render() {
    const share = this.context?.client.shares.items[0];
    if (!share) return nothing;
    const t = strings().share;
    return html`<section aria-labelledby="title">
      <h2 id="title">${t.title(share.files.length)}</h2>
      <p role="alert">${t.check}</p>
      ${renderFileNames(share.files)} ${this.#text(share)} ${this.#answers(share)}
    </section>`;
  }

  #text({ id, text }: Share) {
    if (text === '') return nothing;
    const t = strings().share;
    const onChange = (event: Event) => {
      this.textShareId = (event.target as HTMLInputElement).checked ? id : null;
    };
    return html`<p>${t.text}</p>
      <blockquote dir="auto" tabindex="0">${text}</blockquote>
      <label><input type="checkbox" .checked=${this.textShareId === id} @change=${onChange} />${t.sendText}</label>`;
  }

  #answers(share: Share) {
    const { share: t, review } = strings();
    const discard = html`<button ?disabled=${this.isBusy} @click=${() => this.#answer(share, [])}>${t.discard}</button>`;
    if (this.context?.client.ownerId === null) {
      return html`<p>${t.signIn}</p><div class="answers">${discard}</div>`;
    }
    const button = (label: string, files: readonly File[], style = '') =>
      html`<button class=${style} ?disabled=${this.isBusy} @click=${() => this.#answer(share, files)}>${label}</button>`;
    const duplicates = new Set(this.#findDuplicates(share));
    if (duplicates.size === 0) {
      return html`<div class="answers">
        ${button(review.queueFiles(share.files.length), share.files, 'main')}${discard}</div>`;
    }
    const newFiles = share.files.filter((file) => !duplicates.has(file));
    return html`<p>${review.duplicates(duplicates.size)}</p><div class="answers">
      ${newFiles.length > 0 ? button(review.addNew, newFiles, 'main') : nothing}
      ${button(review.addAll, share.files)}${discard}</div>`;
  }

  #findDuplicates(share: Share): File[] {
    // A shared file has the time of the share instead of its own date.
    return findDuplicates(share.files, this.#createMetadata(share), this.uploads, { dated: false });
  }

  #createMetadata({ id, text }: Share) {
    return createMetadata({ uploadType: 'file', notes: this.textShareId === id ? text : null });
  }

  /** Uploads these files of a share and drops the others. */
  async #answer(share: Share, files: readonly File[]): Promise<void> {
    const { context } = this;
    if (!context || this.isBusy) return;
    this.isBusy = true;
    const metadata = this.#createMetadata(share);
    const { shares, userId } = context.client;
    const isDone = await context.try(() =>
      files.length > 0 ? shares.confirm(share, files, metadata) : shares.discard(share),
    );
    this.isBusy = false;
    if (!isDone) return;
    // The signed-out app shows no list, so a toast confirms the files.
    if (files.length > 0 && userId === null) context.toasts.show({ text: strings().signIn.canAdd });
  }

  /** Shows why the worker holds nothing. The worker names the reason in the URL. */
  #reportResult({ toasts }: AppContext): void {
    const result = new URLSearchParams(location.search).get('share');
    if (result === null) return;
    // A reload must not report the result again.
    history.replaceState(null, '', location.pathname + location.hash);
    const t = strings().share;
    const problems = new Map(
      Object.entries({ nothing: t.nothing, full: t.full, refused: t.refused, failed: t.failed }),
    );
    const problem = problems.get(result);
    if (problem) toasts.show({ text: problem, isBad: true });
  }

  #observe(shares: Shares | null): void {
    this.#shares?.removeEventListener('change', this.#onChange);
    this.#shares = shares;
    this.#shares?.addEventListener('change', this.#onChange);
  }
}

customElements.define('shared-files', SharedFiles);
