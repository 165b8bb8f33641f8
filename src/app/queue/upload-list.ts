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

/** The rows of the queue: one has its place among the keys, some are open, and they can be put into another order. */
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
      /* There no border is transparent; only a colour of the system's own is kept. */
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
    desk: { attribute: false },
    uploads: { attribute: false },
    whole: { type: Boolean },
    sortable: { type: Boolean },
    current: { state: true },
  };
  declare desk: AppContext | null;
  declare uploads: readonly UploadView[];
  /** Whether these are all there are; of a long queue the beginning is there first. */
  declare whole: boolean;
  declare sortable: boolean;
  /** The index of the row that Tab reaches. */
  declare current: number;
  /** Whether the current row gets the focus as soon as it is in the page. */
  #isWanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #open = new Set<string>();
  readonly #rows = new RowWindowController(this);
  readonly #moves = new RowMoveController(this);

  constructor() {
    super();
    this.desk = null;
    this.uploads = [];
    this.whole = true;
    this.sortable = false;
    this.current = 0;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    this.current = this.#follow(changed.get('uploads')?.[this.current]?.id);
  }

  override render() {
    return html`<div class="rows" role="list" aria-label=${strings().queue.title} @keydown=${this.#key} @focusin=${this.#focus}
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
    this.#focusWanted();
    clearTimeout(this.#timer);
    // What waits for its time says how long that is still.
    const isCounting = this.#rows.items.some(({ index }) => isWaitingForItsTime(this.uploads[index]));
    if (isCounting) this.#timer = setTimeout(() => this.requestUpdate(), SECOND_MS);
  }

  /** Where the row that had the focus is no longer among these, the keys go on from the one in its place. */
  protected override restoreFocus(from: Element): void {
    if (this.uploads.length > 0) this.#isWanted = true;
    else super.restoreFocus(from);
  }

  /** Opens the details of an upload and gives it the focus; false when it is not among these. */
  async show(id: string): Promise<boolean> {
    const index = this.uploads.findIndex((upload) => upload.id === id);
    if (index < 0) return false;
    this.#open.add(id);
    await this.updateComplete;
    this.#go(index);
    return true;
  }

  /** Whether the details of an upload are shown. */
  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  #row(index: number) {
    const upload = this.uploads[index];
    if (!upload) return nothing;
    const { id } = upload;
    return html`<div role="listitem" class=${this.#moves.getDropEdge(id)} data-index=${index} tabindex=${index === this.current ? 0 : -1}
      @focus-lost=${takeFocus} aria-label=${describeUpload(upload)} aria-setsize=${this.whole ? this.uploads.length : -1} aria-posinset=${index + 1}>
      <upload-row .desk=${this.desk} .upload=${upload} .state=${describeState(upload)} .sortable=${this.sortable} .open=${this.isOpen(id)}
        @toggle-details=${() => this.#toggle(id)} @move-by=${(event: CustomEvent<number>) => this.#moveBy(index, event.detail)}
      ></upload-row>
    </div>`;
  }

  #toggle(id: string): void {
    if (!this.#open.delete(id)) this.#open.add(id);
    this.requestUpdate();
  }

  #focus(event: FocusEvent): void {
    const row = (event.target as Element).closest<HTMLElement>('[data-index]');
    if (row) this.current = Number(row.dataset.index);
  }

  async #key(event: KeyboardEvent): Promise<void> {
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
    this.#isWanted = true;
    this.#rows.scrollTo(index);
    this.requestUpdate();
  }

  /** The keys stay with their upload, wherever others put it that come and go; where it is gone, with what is in its place. */
  #follow(id: string | undefined): number {
    const index = this.uploads.findIndex((upload) => upload.id === id);
    return index < 0 ? Math.max(0, Math.min(this.current, this.uploads.length - 1)) : index;
  }

  /** The row that the keys went to has the focus as soon as it is in the page: far away that takes some frames. */
  #focusWanted(): void {
    const row = this.#isWanted ? this.#rows.getRow(this.current) : null;
    if (!row) return;
    this.#isWanted = false;
    row.focus();
  }

  async #moveBy(index: number, places: number): Promise<void> {
    const to = this.sortable ? await this.#moves.moveBy(index, places) : null;
    if (to === null) return;
    const detail = { place: to + 1, all: this.uploads.length };
    this.dispatchEvent(new CustomEvent('moved', { detail, bubbles: true, composed: true }));
    this.#go(to);
  }
}

function isWaitingForItsTime(upload: UploadView | undefined): boolean {
  return upload?.status === 'waiting' && upload.wait.reason === 'backoff';
}

/** What had the focus in a row is gone: the keys stay with the row. */
function takeFocus(event: Event): void {
  event.stopPropagation();
  (event.currentTarget as HTMLElement).focus({ preventScroll: true });
}

customElements.define('upload-list', UploadList);
