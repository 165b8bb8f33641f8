import { WindowVirtualizerController, windowScroll } from '@tanstack/lit-virtual';
import { css, html, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { UploadView } from '../page/index.ts';
import { AppElement } from './app-element.ts';
import { base } from './base-styles.ts';
import type { Desk } from './desk.ts';
import { DRAGGED, isBefore } from './drag.ts';
import { actOnKey, rowKeyOf } from './row-keys.ts';
import type { UploadRow } from './upload-row.ts';
import './upload-row.ts';
import { words } from './words/catalogue.ts';
import { spoken } from './words/say.ts';

/** A row as it mostly is, until one was measured. */
const ROW_PX = 118;
const OVERSCAN = 4;

/** The rows of the queue; only those near the window are in the page. */
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
    over: { state: true },
  };
  declare desk: Desk | null;
  declare uploads: readonly UploadView[];
  /** Whether these are all there are; of a long queue the beginning is there first. */
  declare whole: boolean;
  declare sortable: boolean;
  /** The index of the row that Tab reaches. */
  declare current: number;
  declare over: { readonly id: string; readonly before: boolean } | null;
  #wanted: number | null = null;
  readonly #open = new Set<string>();
  /** As high as the first closed row: most are alike, and what is guessed right is not laid out twice. */
  #rowPx: number | null = null;
  #guessedPx = ROW_PX;
  readonly #rows = new WindowVirtualizerController<HTMLElement>(this, {
    count: 0,
    estimateSize: () => this.#guessedPx,
    measureElement: (element, entry) => this.#heightOf(element, entry),
    overscan: OVERSCAN,
    // The first rows come at once and from the top: to ask how far it is scrolled, or to scroll there, has the page laid out without them.
    initialRect: { width: innerWidth, height: innerHeight },
    initialOffset: 0,
    scrollToFn: (...to) => this.hasUpdated && windowScroll(...to),
  });

  constructor() {
    super();
    this.desk = null;
    this.uploads = [];
    this.whole = true;
    this.sortable = false;
    this.current = 0;
    this.over = null;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    this.current = Math.max(0, Math.min(this.current, this.uploads.length - 1));
    this.#keepFocus(changed.get('uploads'));
    const rows = this.#rows.getVirtualizer();
    // To ask where the list begins has the page laid out: not before its first rows are there, nor in every frame of a scroll.
    const mayAsk = this.hasUpdated && !rows.isScrolling;
    const scrollMargin = mayAsk ? this.getBoundingClientRect().top + scrollY : rows.options.scrollMargin;
    // Another order or guess needs another function: by the one it knows, the virtualizer would keep keys and heights of before.
    const isOther = changed.has('uploads') || (this.#rowPx ?? ROW_PX) !== this.#guessedPx;
    const getItemKey = isOther ? keysOf(this.uploads) : rows.options.getItemKey;
    this.#guessedPx = this.#rowPx ?? ROW_PX;
    rows.setOptions({ ...rows.options, count: this.uploads.length, scrollMargin, getItemKey });
  }

  override render() {
    const said = words().queue;
    return html`<div class="rows" role="list" aria-label=${said.title} @keydown=${this.#key} @focusin=${this.#focus}
      @dragover=${this.#dragOver} @drop=${this.#drop} @dragleave=${this.#dragEnd}>
      ${repeat(
        this.#rows.getVirtualizer().getVirtualItems(),
        ({ key }) => key,
        ({ index }) => this.#row(index),
      )}
    </div>`;
  }

  override firstUpdated(): void {
    requestAnimationFrame(() => this.requestUpdate());
  }

  override updated(): void {
    const rows = this.#rows.getVirtualizer();
    const box = this.renderRoot.querySelector<HTMLElement>('.rows');
    // By the property: a style attribute is what the page's own rules forbid.
    if (box) box.style.height = `${rows.getTotalSize()}px`;
    for (const { index, start } of rows.getVirtualItems()) {
      const element = this.#element(index);
      if (!element) continue;
      const transform = `translateY(${start - rows.options.scrollMargin}px)`;
      if (element.style.transform !== transform) element.style.transform = transform;
      rows.measureElement(element);
    }
    this.#focusWanted();
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

  #row(index: number) {
    const upload = this.uploads[index];
    if (!upload) return nothing;
    const { id } = upload;
    const mark = this.over?.id === id ? (this.over.before ? 'before' : 'after') : '';
    return html`<div role="listitem" class=${mark} data-index=${index} tabindex=${index === this.current ? 0 : -1}
      aria-label=${spoken(upload)} aria-setsize=${this.whole ? this.uploads.length : -1} aria-posinset=${index + 1}>
      <upload-row .desk=${this.desk} .upload=${upload} .sortable=${this.sortable} .open=${this.#open.has(id)}
        @toggle-details=${() => this.#toggle(id)} @move-by=${(event: CustomEvent<number>) => this.#moveBy(index, event.detail)}
      ></upload-row>
    </div>`;
  }

  #element(index: number): HTMLElement | null {
    return this.renderRoot.querySelector(`[data-index="${index}"]`);
  }

  /** By what the browser says of it when it was laid out anyway; until then as it is thought to be. */
  #heightOf(element: HTMLElement, entry: ResizeObserverEntry | undefined): number {
    const upload = this.uploads[Number(element.dataset.index)];
    const height = entry?.borderBoxSize[0]?.blockSize;
    if (height === undefined) return this.#rows.getVirtualizer().itemSizeCache.get(upload?.id ?? '') ?? this.#guessedPx;
    if (!this.#open.has(upload?.id ?? '')) this.#rowPx ??= height;
    return height;
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
    const key = rowKeyOf(event, this.current, this.uploads.length);
    if (!key) return;
    event.preventDefault();
    if (key.kind === 'go') return this.#go(key.to);
    if (key.kind === 'move') return this.#moveBy(this.current, key.by);
    const row = this.#element(this.current)?.querySelector<UploadRow>('upload-row');
    if (row) actOnKey(row, key.kind);
  }

  #go(index: number): void {
    this.current = index;
    this.#wanted = index;
    this.#rows.getVirtualizer().scrollToIndex(index, { align: 'auto' });
    this.requestUpdate();
  }

  /** Where the row that has the focus is no longer among these, the keys go on from the one in its place. */
  #keepFocus(before: readonly UploadView[] | undefined): void {
    const row = this.shadowRoot?.activeElement?.closest<HTMLElement>('[data-index]');
    const id = before?.[Number(row?.dataset.index)]?.id;
    if (id !== undefined && !this.uploads.some((upload) => upload.id === id)) this.#wanted = this.current;
  }

  /** The row that the keys went to has the focus as soon as it is in the page: far away that takes some frames. */
  #focusWanted(): void {
    const row = this.#wanted === null ? null : this.#element(this.#wanted);
    if (!row) return;
    this.#wanted = null;
    row.focus();
  }

  async #moveBy(index: number, by: number): Promise<void> {
    const { desk } = this;
    const upload = this.uploads[index];
    if (!desk || !upload || !this.sortable) return;
    const to = Math.max(0, Math.min(this.uploads.length - 1, index + by));
    if (to === index) return;
    const before = this.uploads[to > index ? to + 1 : to];
    await desk.try(() => desk.client.move(upload.id, before?.id ?? null));
    this.dispatchEvent(new CustomEvent('moved', { detail: { place: to + 1, all: this.uploads.length } }));
    this.#go(to);
  }

  #dragOver(event: DragEvent): void {
    const row = (event.target as Element).closest<HTMLElement>('[data-index]');
    const upload = this.uploads[Number(row?.dataset.index)];
    if (!row || !upload || !event.dataTransfer?.types.includes(DRAGGED)) return;
    event.preventDefault();
    this.over = { id: upload.id, before: isBefore(event, row) };
  }

  #dragEnd(): void {
    this.over = null;
  }

  async #drop(event: DragEvent): Promise<void> {
    const id = event.dataTransfer?.getData(DRAGGED);
    const { over, desk } = this;
    this.over = null;
    if (!id || !over || !desk || id === over.id) return;
    event.preventDefault();
    const at = this.uploads.findIndex((upload) => upload.id === over.id);
    const before = this.uploads[over.before ? at : at + 1];
    if (before?.id !== id) await desk.try(() => desk.client.move(id, before?.id ?? null));
  }
}

function keysOf(uploads: readonly UploadView[]): (index: number) => string | number {
  return (index) => uploads[index]?.id ?? index;
}

customElements.define('upload-list', UploadList);
