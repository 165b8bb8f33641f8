import { VirtualizerController } from '@tanstack/lit-virtual';
import { css, html, nothing, type PropertyValues } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { formatBytes } from '../i18n/format.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { type FileSource, type ListedFile, PagedFiles } from './paged-files.ts';

/** Assumed height of a row until it is measured. */
const ROW_PX = 72;

/**
 * The files of an upload, of which only those near the visible part are rendered and read. Fires
 * `download` with the position and the name of a file.
 */
export class FileList extends AppElement {
  static override styles = [
    base,
    css`
      .scroll {
        max-height: 24rem;
        overflow-y: auto;
      }
      ul {
        position: relative;
        margin: 0;
        padding: 0;
        list-style: none;
        font-size: var(--size-small);
      }
      li {
        position: absolute;
        inset: 0 0 auto;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0.5rem;
        padding-block: 0.375rem;
      }
      li div {
        flex: 1 1 14rem;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      p {
        font-size: var(--size-small);
      }
      code {
        font-size: 0.8125rem;
        overflow-wrap: anywhere;
      }
    `,
  ];
  static override properties = { source: { attribute: false }, label: {} };
  declare source: FileSource | null;
  /** The name of the list for screen readers. */
  declare label: string;
  readonly #files = new PagedFiles(this);
  readonly #virtualizer = new VirtualizerController<HTMLElement, HTMLElement>(this, {
    count: 0,
    estimateSize: () => ROW_PX,
    overscan: 4,
    // Measuring in the observer's task would report a loop.
    useAnimationFrameWithResizeObserver: true,
    getScrollElement: () => this.renderRoot?.querySelector<HTMLElement>('.scroll') ?? null,
  });

  constructor() {
    super();
    this.source = null;
    this.label = '';
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('source')) this.#files.setSource(this.source);
    const rows = this.#virtualizer.getVirtualizer();
    const count = this.source?.count ?? 0;
    if (rows.options.count !== count) rows.setOptions({ ...rows.options, count });
  }

  override render() {
    const rows = this.#virtualizer.getVirtualizer().getVirtualItems();
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${this.label}>
      <ul>${rows.map(({ index }) => this.#row(index))}</ul>
    </div>`;
  }

  override updated(changed: PropertyValues<this>): void {
    const rows = this.#virtualizer.getVirtualizer();
    const list = this.renderRoot.querySelector('ul');
    // Properties, because the Content Security Policy forbids style attributes.
    if (list) list.style.height = `${rows.getTotalSize()}px`;
    for (const { index, start } of rows.getVirtualItems()) {
      const element = this.renderRoot.querySelector<HTMLElement>(`[data-index="${index}"]`);
      if (!element) continue;
      element.style.transform = `translateY(${start}px)`;
      rows.measureElement(element);
    }
    // The scroll element exists after the first render.
    if (changed.has('source')) requestAnimationFrame(() => this.requestUpdate());
  }

  /** Keeps the focus in the list when a focused button scrolls out of it. */
  protected override restoreFocus(): void {
    this.renderRoot.querySelector<HTMLElement>('.scroll')?.focus({ preventScroll: true });
  }

  #row(index: number) {
    const file = this.#files.get(index);
    const count = this.source?.count ?? 0;
    return html`<li data-index=${index} aria-posinset=${index + 1} aria-setsize=${count}>
      ${file ? this.#file(file, index) : html`<div class="quiet">…</div>`}
    </li>`;
  }

  #file({ name, path, sizeBytes, sha256 }: ListedFile, index: number) {
    const t = strings().details;
    const download = () => this.dispatchEvent(new CustomEvent('download', { detail: { index, name } }));
    const digest = html`<p class="quiet">${t.digest} <code>${sha256 ?? t.digestLater}</code></p>`;
    return html`<div><bdi>${path ?? name}</bdi> <span class="quiet numbers">${formatBytes(sizeBytes)}</span>
        ${sha256 === undefined ? nothing : digest}</div>
      ${sha256 === undefined ? nothing : html`<button @click=${download}>${icon('save')}${t.save}</button>`}`;
  }
}

customElements.define('file-list', FileList);
