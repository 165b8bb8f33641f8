import { defaultRangeExtractor, type Range, WindowVirtualizerController, windowScroll } from '@tanstack/lit-virtual';
import type { LitElement, ReactiveController } from 'lit';
import type { UploadView } from '../../page/index.ts';

/** A row as it mostly is, until one was measured. */
const ROW_PX = 118;
const OVERSCAN = 4;

/** A list whose rows are elements with a `data-index`, in a box with the class `rows`. */
interface List extends LitElement {
  readonly uploads: readonly UploadView[];
  /** The index of the row that Tab reaches. */
  readonly current: number;
  isOpen(id: string): boolean;
}

/** Which rows of a list are near the window, and where each of them lies: the page holds no others but the current one. */
export class RowWindowController implements ReactiveController {
  readonly #list: List;
  readonly #rows: WindowVirtualizerController<HTMLElement>;
  #seen: readonly UploadView[] = [];
  /** As high as the first closed row: most are alike, and what is guessed right is not laid out twice. */
  #rowPx: number | null = null;
  #guessedPx = ROW_PX;
  #kept = -1;

  constructor(list: List) {
    this.#list = list;
    this.#rows = new WindowVirtualizerController<HTMLElement>(list, {
      count: 0,
      estimateSize: () => this.#guessedPx,
      measureElement: (element, entry) => this.#heightOf(element, entry),
      overscan: OVERSCAN,
      // The first rows come at once and from the top: to ask how far it is scrolled, or to scroll there, has the page laid out without them.
      initialRect: { width: innerWidth, height: innerHeight },
      initialOffset: 0,
      scrollToFn: (...to) => list.hasUpdated && windowScroll(...to),
    });
    list.addController(this);
  }

  /** The rows that are to be in the page. */
  get items() {
    return this.#rows.getVirtualizer().getVirtualItems();
  }

  /** The row at an index, where it is in the page. */
  getRow(index: number): HTMLElement | null {
    return this.#list.renderRoot.querySelector(`[data-index="${index}"]`);
  }

  scrollTo(index: number): void {
    this.#rows.getVirtualizer().scrollToIndex(index, { align: 'auto' });
  }

  hostUpdate(): void {
    const { uploads, current, hasUpdated } = this.#list;
    const rows = this.#rows.getVirtualizer();
    // To ask where the list begins has the page laid out: not before its first rows are there, nor in every frame of a scroll.
    const mayAsk = hasUpdated && !rows.isScrolling;
    const scrollMargin = mayAsk ? this.#list.getBoundingClientRect().top + scrollY : rows.options.scrollMargin;
    // Another order or guess needs another function: by the one it knows, the virtualizer would keep keys and heights of before.
    const isOther = uploads !== this.#seen || (this.#rowPx ?? ROW_PX) !== this.#guessedPx;
    const getItemKey = isOther ? createKeyGetter(uploads) : rows.options.getItemKey;
    this.#guessedPx = this.#rowPx ?? ROW_PX;
    this.#seen = uploads;
    // For rows as for keys: what is known by the same function is not asked again.
    const rangeExtractor = current === this.#kept ? rows.options.rangeExtractor : createRangeExtractor(current);
    this.#kept = current;
    rows.setOptions({ ...rows.options, count: uploads.length, scrollMargin, getItemKey, rangeExtractor });
  }

  hostUpdated(): void {
    const rows = this.#rows.getVirtualizer();
    const box = this.#list.renderRoot.querySelector<HTMLElement>('.rows');
    // By the property: a style attribute is what the page's own rules forbid.
    if (box) box.style.height = `${rows.getTotalSize()}px`;
    for (const { index, start } of rows.getVirtualItems()) {
      const element = this.getRow(index);
      if (!element) continue;
      const transform = `translateY(${start - rows.options.scrollMargin}px)`;
      if (element.style.transform !== transform) element.style.transform = transform;
      rows.measureElement(element);
    }
    // Where the list begins is asked when it is there.
    if (!this.#list.hasUpdated) requestAnimationFrame(() => this.#list.requestUpdate());
  }

  /** By what the browser says of it when it was laid out anyway; until then as it is thought to be. */
  #heightOf(element: HTMLElement, entry: ResizeObserverEntry | undefined): number {
    const id = this.#list.uploads[Number(element.dataset.index)]?.id ?? '';
    const height = entry?.borderBoxSize[0]?.blockSize;
    if (height === undefined) return this.#rows.getVirtualizer().itemSizeCache.get(id) ?? this.#guessedPx;
    if (!this.#list.isOpen(id)) this.#rowPx ??= height;
    return height;
  }
}

/** The rows near the window and this one: scrolled away it would take the focus with it, and Tab would reach none. */
function createRangeExtractor(current: number): (range: Range) => number[] {
  return (range) => {
    const near = defaultRangeExtractor(range);
    const isThere = current >= range.count || near.includes(current);
    return isThere ? near : [...near, current].sort((a, b) => a - b);
  };
}

function createKeyGetter(uploads: readonly UploadView[]): (index: number) => string | number {
  return (index) => uploads[index]?.id ?? index;
}
