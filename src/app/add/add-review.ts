import { css, html, nothing, type PropertyValues } from 'lit';
import { getFreeBytes, getTotalBytes, MAX_REQUEST_BYTES } from '../../page/index.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { type BatchFields, findInvalidField } from './batch-fields.ts';
import '../ui/thumb-nail.ts';
import { strings } from '../i18n/catalogue.ts';
import { formatBytes, formatPercent } from '../i18n/format.ts';

const MOST_SHOWN = 24;

/** What must be answered before files are queued: that they are there already, that the server would refuse them, that they do not fit. */
export class AddReview extends AppElement {
  static override styles = [
    base,
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
      ul {
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
      li {
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
    files: { attribute: false },
    fields: { attribute: false },
    duplicates: { attribute: false },
    free: { state: true },
  };
  declare files: readonly File[];
  declare fields: BatchFields | null;
  declare duplicates: readonly File[];
  declare free: number;

  constructor() {
    super();
    this.files = [];
    this.fields = null;
    this.duplicates = [];
    this.free = Number.POSITIVE_INFINITY;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    // Told anew with each change of the queue, which may have made room.
    if (changed.has('files') || changed.has('duplicates')) void this.#askRoom();
  }

  override firstUpdated(): void {
    // A question must be met by who cannot see that it came.
    this.restoreFocus();
  }

  /** What is left out goes with its button. */
  protected override restoreFocus(): void {
    this.renderRoot.querySelector<HTMLElement>('section')?.focus();
  }

  override render() {
    const said = strings().review;
    const refusal = this.#refusal();
    return html`<section tabindex="-1" aria-labelledby="title">
      <h3 id="title">${said.title}</h3>
      ${this.fields?.uploadType === 'images' ? this.#pictures() : nothing}
      ${refusal === null ? nothing : html`<p role="alert" class="bad">${refusal}</p>`}
      ${this.duplicates.length > 0 ? html`<p>${said.duplicates(this.duplicates.length)}</p>` : nothing}
      <div class="answers">${this.#answers(refusal !== null)}
        <button @click=${() => this.#answer([])}>${said.discard}</button></div>
    </section>`;
  }

  #answers(isRefused: boolean) {
    const said = strings().review;
    const answer = (label: string, files: readonly File[], look = '') =>
      html`<button class=${look} ?disabled=${isRefused} @click=${() => this.#answer(files)}>${label}</button>`;
    if (this.fields?.uploadType === 'images') return answer(said.queue(this.files.length), this.files, 'main');
    if (this.duplicates.length === 0) return answer(said.queueFiles(this.files.length), this.files, 'main');
    const known = new Set(this.duplicates);
    const fresh = this.files.filter((file) => !known.has(file));
    return [fresh.length > 0 ? answer(said.addNew, fresh, 'main') : nothing, answer(said.addAll, this.files)];
  }

  #pictures() {
    const said = strings().review;
    const total = getTotalBytes(this.files);
    const more = this.files.length - MOST_SHOWN;
    return html`<ul>
        ${this.files.slice(0, MOST_SHOWN).map(
          (file) => html`<li>
            <thumb-nail .picture=${file} .name=${file.name}></thumb-nail>
            <button aria-label=${said.leaveOut(file.name)} @click=${() => this.#leaveOut(file)}>${icon('close', 14)}</button>
          </li>`,
        )}
        ${more > 0 ? html`<li>${said.more(more)}</li>` : nothing}
      </ul>
      <label class="numbers">${said.total(formatBytes(total), formatBytes(MAX_REQUEST_BYTES))}
        <progress class=${total > MAX_REQUEST_BYTES ? 'over' : ''} max=${MAX_REQUEST_BYTES} .value=${Math.min(total, MAX_REQUEST_BYTES)}>
          ${formatPercent(total / MAX_REQUEST_BYTES)}</progress>
      </label>`;
  }

  /** What stands against queueing them, in words; null when nothing does. */
  #refusal(): string | null {
    const said = strings();
    if (!this.fields) return null;
    const field = findInvalidField(this.fields);
    if (field) return field === 'taskId' ? said.form.taskRule : said.form.profileRule;
    const total = getTotalBytes(this.files);
    if (this.fields.uploadType === 'images' && total > MAX_REQUEST_BYTES) {
      return said.review.tooLarge(formatBytes(total - MAX_REQUEST_BYTES));
    }
    return total > this.free ? said.review.noRoom(formatBytes(this.free), formatBytes(total)) : null;
  }

  async #askRoom(): Promise<void> {
    this.free = await getFreeBytes();
  }

  #answer(files: readonly File[]): void {
    this.dispatchEvent(new CustomEvent('answer', { detail: files }));
  }

  #leaveOut(file: File): void {
    this.dispatchEvent(new CustomEvent('leave-out', { detail: file }));
  }
}

customElements.define('add-review', AddReview);
