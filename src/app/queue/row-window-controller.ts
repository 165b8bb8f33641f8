import { defaultRangeExtractor, type Range, WindowVirtualizerController, windowScroll } from '@tanstack/lit-virtual';
import type { LitElement, ReactiveController } from 'lit';
import type { UploadView } from '../../page/index.ts';

/** Assumed height of a row until the first one is measured. */
const ROW_PX = 118;
const OVERSCAN = 4;

/** A list whose rows are elements with `data-index` inside an element of the class `rows`. */
interface List extends LitElement {
  readonly uploads: readonly UploadView[];
  /** Index of the row in the tab order. */
  readonly current: number;
  isOpen(id: string): boolean;
}

/** Renders only the rows near the viewport, and the current row; positions them in the list. */
export class RowWindowController implements ReactiveController {
  readonly #list: List;
  readonly #virtualizer: WindowVirtualizerController<HTMLElement>;
  #previous: readonly UploadView[] = [];
  /**
   * Height of the first closed row. Most rows have the same, and a right estimate saves a second
   * layout.
   */
  #measuredPx: number | null = null;
  #estimatedPx = ROW_PX;
  #keptIndex = -1;

  constructor(list: List) {
    this.#list = list;
    this.#virtualizer = new WindowVirtualizerController<HTMLElement>(list, {
      count: 0,
      estimateSize: () => this.#estimatedPx,
      measureElement: (element, entry) => this.#measure(element, entry),
      overscan: OVERSCAN,
      // The first rows start at the top. Reading or setting the scroll position would force a
      // layout without them.
      initialRect: { width: innerWidth, height: innerHeight },
      initialOffset: 0,
      scrollToFn: (...to) => list.hasUpdated && windowScroll(...to),
    });
    list.addController(this);
  }

  /** The rows to render. */
  get items() {
    return this.#virtualizer.getVirtualizer().getVirtualItems();
  }

  /** The element of a row; null if it is not rendered. */
  getRow(index: number): HTMLElement | null {
    return this.#list.renderRoot.querySelector(`[data-index="${index}"]`);
  }

  scrollTo(index: number): void {
    this.#virtualizer.getVirtualizer().scrollToIndex(index, { align: 'auto' });
  }

  hostUpdate(): void {
    const { uploads, current, hasUpdated } = this.#list;
    const rows = this.#virtualizer.getVirtualizer();
    // Reading the position forces a layout: not before the first rows are rendered, nor in each
    // frame of a scroll.
    const canMeasure = hasUpdated && !rows.isScrolling;
    const scrollMargin = canMeasure ? this.#list.getBoundingClientRect().top + scrollY : rows.options.scrollMargin;
    // The virtualizer keeps keys and heights as long as the function is the same.
    const isChanged = uploads !== this.#previous || (this.#measuredPx ?? ROW_PX) !== this.#estimatedPx;
    const getItemKey = isChanged ? createKeyGetter(uploads) : rows.options.getItemKey;
    this.#estimatedPx = this.#measuredPx ?? ROW_PX;
    this.#previous = uploads;
    // The same holds for the range.
    const rangeExtractor = current === this.#keptIndex ? rows.options.rangeExtractor : createRangeExtractor(current);
    this.#keptIndex = current;
    rows.setOptions({ ...rows.options, count: uploads.length, scrollMargin, getItemKey, rangeExtractor });
  }

  hostUpdated(): void {
    const rows = this.#virtualizer.getVirtualizer();
    const box = this.#list.renderRoot.querySelector<HTMLElement>('.rows');
    // A property, because the Content Security Policy forbids style attributes.
    if (box) box.style.height = `${rows.getTotalSize()}px`;
    for (const { index, start } of rows.getVirtualItems()) {
      const element = this.getRow(index);
      if (!element) continue;
      const transform = `translateY(${start - rows.options.scrollMargin}px)`;
      if (element.style.transform !== transform) element.style.transform = transform;
      rows.measureElement(element);
    }
    // The position of the list is known after the first render.
    if (!this.#list.hasUpdated) requestAnimationFrame(() => this.#list.requestUpdate());
  }

  /** The height that the observer reports after a layout, else the cached or estimated one. */
  #measure(element: HTMLElement, entry: ResizeObserverEntry | undefined): number {
    const id = this.#list.uploads[Number(element.dataset.index)]?.id ?? '';
    const height = entry?.borderBoxSize[0]?.blockSize;
    if (height === undefined) return this.#virtualizer.getVirtualizer().itemSizeCache.get(id) ?? this.#estimatedPx;
    if (!this.#list.isOpen(id)) this.#measuredPx ??= height;
    return height;
  }
}

/**
 * The rows near the viewport and the current row, which would otherwise lose the focus and its
 * place in the tab order.
 */
function createRangeExtractor(current: number): (range: Range) => number[] {
  return (range) => {
    const nearby = defaultRangeExtractor(range);
    const isIncluded = current >= range.count || nearby.includes(current);
    return isIncluded ? nearby : [...nearby, current].sort((a, b) => a - b);
  };
}

function createKeyGetter(uploads: readonly UploadView[]): (index: number) => string | number {
  return (index) => uploads[index]?.id ?? index;
}
