import { css, html, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { UploadView } from '../../page/index.ts';
import type { AppContext } from '../state/app-context.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { runRowCommand, toRowCommand } from './row-keys.ts';
import { RowMoveController } from './row-move-controller.ts';
import { RowWindowController } from './row-window-controller.ts';
import type { UploadRow } from './upload-row.ts';
import './upload-row.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeState, describeUpload } from '../i18n/describe.ts';

const SECOND_MS = 1000;

/** The list of uploads. One row is in the tab order; rows open to show details and can be moved. */
export class UploadList extends AppElement {
  static override styles = [
    base,
    css`
      :host {
        border: 1px solid var(--line);
        border-radius: var(--rounder);
        background: var(--card);
      }
      .rows {
        position: relative;
      }
      [role='listitem'] {
        position: absolute;
        inset-block-start: 0;
        inset-inline: 0;
        contain: layout style paint;
        border-block-start: 1px solid var(--line);
        scroll-margin-block: 5rem;
      }
      [aria-posinset='1'] {
        border-color: transparent;
      }
      /* Forced colours draw transparent borders, but keep system colours. */
      @media (forced-colors: active) {
        [aria-posinset='1'] {
          border-color: Canvas;
        }
      }
      [role='listitem']:focus-visible {
        outline-offset: -3px;
        border-radius: var(--round);
      }
      .before {
        box-shadow: 0 -3px 0 var(--accent);
      }
      .after {
        box-shadow: 0 3px 0 var(--accent);
      }
    `,
  ];
  static override properties = {
    context: { attribute: false },
    uploads: { attribute: false },
    loaded: { type: Boolean },
    sortable: { type: Boolean },
    current: { state: true },
  };
  declare context: AppContext | null;
  declare uploads: readonly UploadView[];
  /** Whether the queue was read to its end; a long queue shows its first page before. */
  declare loaded: boolean;
  declare sortable: boolean;
  /** Index of the row in the tab order. */
  declare current: number;
  /** Whether the current row takes the focus once it is rendered. */
  #hasPendingFocus = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #open = new Set<string>();
  readonly #rows = new RowWindowController(this);
  readonly #moves = new RowMoveController(this);

  constructor() {
    super();
    this.context = null;
    this.uploads = [];
    this.loaded = true;
    this.sortable = false;
    this.current = 0;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    this.current = this.#findCurrent(changed.get('uploads')?.[this.current]?.id);
  }

  override render() {
    return html`<div class="rows" role="list" aria-label=${strings().queue.title} @keydown=${this.#onKey} @focusin=${this.#onFocus}
      @dragover=${(event: DragEvent) => this.#moves.dragOver(event)} @dragleave=${() => this.#moves.dragEnd()}
      @drop=${(event: DragEvent) => this.#moves.drop(event)}>
      ${repeat(
        this.#rows.items,
        ({ key }) => key,
        ({ index }) => this.#row(index),
      )}
    </div>`;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  override updated(): void {
    this.#applyFocus();
    clearTimeout(this.#timer);
    // Updates the countdown of waiting uploads.
    const isCounting = this.#rows.items.some(({ index }) => isCountingDown(this.uploads[index]));
    if (isCounting) this.#timer = setTimeout(() => this.requestUpdate(), SECOND_MS);
  }

  /** Moves the focus to the row that takes the place of a removed one. */
  protected override restoreFocus(from: Element): void {
    if (this.uploads.length > 0) this.#hasPendingFocus = true;
    else super.restoreFocus(from);
  }

  /**
   * Opens the details of an upload and focuses its row.
   *
   * @returns false if the list has no such upload.
   */
  async show(id: string): Promise<boolean> {
    const index = this.uploads.findIndex((upload) => upload.id === id);
    if (index < 0) return false;
    this.#open.add(id);
    await this.updateComplete;
    this.#go(index);
    return true;
  }

  /** Whether the details of an upload are open. */
  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  #row(index: number) {
    const upload = this.uploads[index];
    if (!upload) return nothing;
    const { id } = upload;
    return html`<div role="listitem" class=${this.#moves.getDropEdge(id)} data-index=${index} tabindex=${index === this.current ? 0 : -1}
      @focus-lost=${takeFocus} aria-label=${describeUpload(upload)} aria-setsize=${this.loaded ? this.uploads.length : -1} aria-posinset=${index + 1}>
      <upload-row .context=${this.context} .upload=${upload} .state=${describeState(upload)} .sortable=${this.sortable} .open=${this.isOpen(id)}
        @toggle-details=${() => this.#toggle(id)} @move-by=${(event: CustomEvent<number>) => this.#moveBy(index, event.detail)}
      ></upload-row>
    </div>`;
  }

  #toggle(id: string): void {
    if (!this.#open.delete(id)) this.#open.add(id);
    this.requestUpdate();
  }

  #onFocus(event: FocusEvent): void {
    const row = (event.target as Element).closest<HTMLElement>('[data-index]');
    if (row) this.current = Number(row.dataset.index);
  }

  async #onKey(event: KeyboardEvent): Promise<void> {
    const key = toRowCommand(event, this.current, this.uploads.length);
    if (!key) return;
    event.preventDefault();
    if (key.kind === 'go') return this.#go(key.to);
    if (key.kind === 'move') return this.#moveBy(this.current, key.by);
    const row = this.#rows.getRow(this.current)?.querySelector<UploadRow>('upload-row');
    if (row) runRowCommand(row, key.kind);
  }

  #go(index: number): void {
    this.current = index;
    this.#hasPendingFocus = true;
    this.#rows.scrollTo(index);
    this.requestUpdate();
  }

  /** The index of the current upload after a change, or of the upload in its place. */
  #findCurrent(id: string | undefined): number {
    const index = this.uploads.findIndex((upload) => upload.id === id);
    return index < 0 ? Math.max(0, Math.min(this.current, this.uploads.length - 1)) : index;
  }

  /** Focuses the current row once it is rendered, some frames after a long jump. */
  #applyFocus(): void {
    const row = this.#hasPendingFocus ? this.#rows.getRow(this.current) : null;
    if (!row) return;
    this.#hasPendingFocus = false;
    row.focus();
  }

  async #moveBy(index: number, places: number): Promise<void> {
    const to = this.sortable ? await this.#moves.moveBy(index, places) : null;
    if (to === null) return;
    const detail = { position: to + 1, count: this.uploads.length };
    this.dispatchEvent(new CustomEvent('moved', { detail, bubbles: true, composed: true }));
    this.#go(to);
  }
}

function isCountingDown(upload: UploadView | undefined): boolean {
  return (upload?.serverProblem?.nextAttemptAt ?? null) !== null;
}

/** A row takes the focus that was lost inside it. */
function takeFocus(event: Event): void {
  event.stopPropagation();
  (event.currentTarget as HTMLElement).focus({ preventScroll: true });
}

customElements.define('upload-list', UploadList);
