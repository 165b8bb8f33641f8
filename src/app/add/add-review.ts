import { css, html, nothing, type PropertyValues } from 'lit';
import { getFreeBytes, getTotalBytes, MAX_REQUEST_BYTES, type UploadClient } from '../../page/index.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { type BatchFields, findInvalidField } from './batch-fields.ts';
import { fileNamesStyles, renderFileNames } from './file-names.ts';
import '../ui/thumb-nail.ts';
import { strings } from '../i18n/catalogue.ts';
import { formatBytes, formatPercent } from '../i18n/format.ts';

const MAX_THUMBNAILS = 24;
/** Most names of files that the server would refuse. */
const MAX_REFUSED = 5;

/**
 * Asks before files are queued: because the system opened them, because of duplicates, values that
 * the server would reject, or missing space. Fires `answer` with the files to queue, and
 * `leave-out` with a file to remove.
 */
export class AddReview extends AppElement {
  static override styles = [
    base,
    fileNamesStyles,
    css`
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.75rem;
        padding: 0.75rem;
        border: 1px solid var(--accent);
        border-radius: var(--round);
        background: var(--accent-soft);
      }
      h3 {
        font-size: 1rem;
      }
      .thumbnails {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem;
        max-height: 12rem;
        overflow-y: auto;
        margin: 0;
        padding: 4px;
        list-style: none;
        font-size: var(--size-small);
      }
      .thumbnails li {
        position: relative;
        max-width: 100%;
        overflow-wrap: anywhere;
      }
      li button {
        position: absolute;
        inset-block-start: -4px;
        inset-inline-end: -4px;
        min-width: 1.5rem;
        min-height: 1.5rem;
        padding: 0;
        border-radius: 50%;
      }
      progress {
        width: 100%;
        accent-color: var(--accent);
      }
      .over {
        accent-color: var(--bad);
      }
      .answers {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
      }
    `,
  ];
  static override properties = {
    client: { attribute: false },
    files: { attribute: false },
    fields: { attribute: false },
    duplicates: { attribute: false },
    freeBytes: { state: true },
    batchLimit: { state: true },
    uploadLimit: { state: true },
  };
  declare client: UploadClient | null;
  declare files: readonly File[];
  declare fields: BatchFields | null;
  declare duplicates: readonly File[];
  declare freeBytes: number;
  /** Most bytes of one upload; infinite while it is unknown. */
  declare uploadLimit: number;
  /** Most bytes of one batch of photos; null unless it is worth showing. */
  declare batchLimit: number | null;

  constructor() {
    super();
    this.client = null;
    this.files = [];
    this.fields = null;
    this.duplicates = [];
    this.freeBytes = Number.POSITIVE_INFINITY;
    this.batchLimit = null;
    this.uploadLimit = Number.POSITIVE_INFINITY;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    // A change of the queue may have freed space.
    if (changed.has('files') || changed.has('duplicates')) void this.#readLimits();
  }

  override firstUpdated(): void {
    // Screen readers read the question when it gets the focus.
    this.restoreFocus();
  }

  /** Focuses the question: removing a file removes its button too. */
  protected override restoreFocus(): void {
    this.renderRoot.querySelector<HTMLElement>('section')?.focus();
  }

  override render() {
    const t = strings().review;
    const problem = this.#getProblem();
    return html`<section tabindex="-1" aria-labelledby="title">
      <h3 id="title">${t.title}</h3>
      ${this.fields?.uploadType === 'images' ? this.#thumbnails() : renderFileNames(this.files)}
      ${problem === null ? nothing : html`<p role="alert" class="bad">${problem}</p>`}
      ${this.#overLimit()}
      ${this.duplicates.length > 0 ? html`<p>${t.duplicates(this.duplicates.length)}</p>` : nothing}
      <div class="answers">${this.#answers(problem !== null || this.#accepted.length === 0)}
        <button @click=${() => this.#answer([])}>${t.discard}</button></div>
    </section>`;
  }

  #answers(isDisabled: boolean) {
    const t = strings().review;
    const button = (label: string, files: readonly File[], style = '') =>
      html`<button class=${style} ?disabled=${isDisabled} @click=${() => this.#answer(files)}>${label}</button>`;
    if (this.fields?.uploadType === 'images') return button(t.queue(this.files.length), this.files, 'main');
    const accepted = this.#accepted;
    if (this.duplicates.length === 0) return button(t.queueFiles(accepted.length), accepted, 'main');
    const duplicates = new Set(this.duplicates);
    const newFiles = accepted.filter((file) => !duplicates.has(file));
    return [newFiles.length > 0 ? button(t.addNew, newFiles, 'main') : nothing, button(t.addAll, accepted)];
  }

  #thumbnails() {
    const t = strings().review;
    const total = getTotalBytes(this.files);
    const more = this.files.length - MAX_THUMBNAILS;
    return html`<ul class="thumbnails">
        ${this.files.slice(0, MAX_THUMBNAILS).map(
          (file) => html`<li>
            <thumb-nail .picture=${file} .name=${file.name}></thumb-nail>
            <button aria-label=${t.leaveOut(file.name)} @click=${() => this.#leaveOut(file)}>${icon('close', 14)}</button>
          </li>`,
        )}
        ${more > 0 ? html`<li>${t.more(more)}</li>` : nothing}
      </ul>
      ${this.batchLimit === null ? html`<p class="numbers">${formatBytes(total)}</p>` : this.#meter(total, this.batchLimit)}`;
  }

  #meter(total: number, limit: number) {
    return html`<label class="numbers">${strings().review.total(formatBytes(total), formatBytes(limit))}
      <progress class=${total > limit ? 'over' : ''} max=${limit} .value=${Math.min(total, limit)}>
        ${formatPercent(total / limit)}</progress>
    </label>`;
  }

  /** The files that the server accepts. The limit of photos is that of their batch. */
  get #accepted(): readonly File[] {
    if (this.fields?.uploadType === 'images') return this.files;
    return this.files.filter(({ size }) => size <= this.uploadLimit);
  }

  /** The files that are left out, because the server would refuse them. */
  #overLimit() {
    const accepted = new Set(this.#accepted);
    const refused = this.files.filter((file) => !accepted.has(file));
    if (refused.length === 0) return nothing;
    const t = strings().review;
    const limit = formatBytes(this.uploadLimit);
    const shown = refused.slice(0, MAX_REFUSED).map(({ name, size }) => t.overLimit(name, formatBytes(size), limit));
    const more = refused.length - shown.length;
    return html`<div role="alert" class="bad">${shown.map((text) => html`<p>${text}</p>`)}
      ${more > 0 ? html`<p>${t.more(more)}</p>` : nothing}</div>`;
  }

  /** Why the files cannot be queued; null if they can. */
  #getProblem(): string | null {
    const t = strings();
    if (!this.fields) return null;
    const field = findInvalidField(this.fields);
    if (field) return field === 'taskId' ? t.form.taskRule : t.form.profileRule;
    const total = getTotalBytes(this.#accepted);
    if (this.fields.uploadType === 'images' && this.batchLimit !== null && total > this.batchLimit) {
      return t.review.tooLarge(formatBytes(total - this.batchLimit));
    }
    return total > this.freeBytes ? t.review.noRoom(formatBytes(this.freeBytes), formatBytes(total)) : null;
  }

  async #readLimits(): Promise<void> {
    this.freeBytes = await getFreeBytes();
    this.uploadLimit = (await this.client?.getMaxUploadBytes()) ?? Number.POSITIVE_INFINITY;
    const isOneRequest = (await this.client?.supportsFileLists()) === false;
    const limit = Math.min(this.uploadLimit, isOneRequest ? MAX_REQUEST_BYTES : Number.POSITIVE_INFINITY);
    // The limit of a server with file lists is worth a line only if the batch exceeds it.
    this.batchLimit = isOneRequest || getTotalBytes(this.files) > limit ? limit : null;
  }

  #answer(files: readonly File[]): void {
    this.dispatchEvent(new CustomEvent('answer', { detail: files }));
  }

  #leaveOut(file: File): void {
    this.dispatchEvent(new CustomEvent('leave-out', { detail: file }));
  }
}

customElements.define('add-review', AddReview);
