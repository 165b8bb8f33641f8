import { css, html, nothing } from 'lit';
import type { UploadView } from '../../page/index.ts';
import type { AppContext } from '../state/app-context.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import './empty-queue.ts';
import { applyFilter, isUnfiltered, type ListFilter, NO_FILTER } from './list-filter.ts';
import './queue-summary.ts';
import './queue-tools.ts';
import { computeTotals } from '../state/totals.ts';
import './upload-list.ts';
import { strings } from '../i18n/catalogue.ts';
import type { UploadList } from './upload-list.ts';

/** The queue: summary, controls and list. */
export class QueueView extends AppElement {
  static override styles = [
    base,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1rem;
      }
      .none {
        padding: 2rem 1rem;
        text-align: center;
        color: var(--quiet);
      }
    `,
  ];
  static override properties = {
    context: { attribute: false },
    uploads: { attribute: false },
    filter: { state: true },
  };
  declare context: AppContext | null;
  declare uploads: readonly UploadView[];
  declare filter: ListFilter;

  constructor() {
    super();
    this.context = null;
    this.uploads = [];
    this.filter = NO_FILTER;
  }

  override render() {
    const { context, uploads } = this;
    if (!context) return nothing;
    const { isLoaded } = context.client.queue;
    // A queue that is still being read is not empty yet.
    if (uploads.length === 0) return isLoaded ? html`<empty-queue></empty-queue>` : nothing;
    const shown = applyFilter(uploads, this.filter);
    // The first page of a queue has no totals.
    const totals = isLoaded ? computeTotals(uploads) : null;
    return html`<queue-summary .context=${context} .uploads=${uploads} .totals=${totals}></queue-summary>
      <queue-tools .filter=${this.filter} .totals=${totals} @filter-change=${this.#setFilter}></queue-tools>
      ${shown.length === 0 ? this.#noMatch() : nothing}
      <upload-list ?hidden=${shown.length === 0} .context=${context} .uploads=${shown} ?loaded=${isLoaded}
        ?sortable=${isLoaded && uploads.length > 1 && isUnfiltered(this.filter)}></upload-list>`;
  }

  /**
   * Opens the details of an upload and focuses it.
   *
   * @returns false if the queue has no such upload.
   */
  async show(id: string): Promise<boolean> {
    // The current filter may hide it.
    this.filter = NO_FILTER;
    await this.updateComplete;
    return (await this.renderRoot.querySelector<UploadList>('upload-list')?.show(id)) ?? false;
  }

  #noMatch() {
    const showAll = () => {
      this.filter = NO_FILTER;
    };
    return html`<p class="none">${strings().queue.noMatch} <button @click=${showAll}>${strings().queue.showAll}</button></p>`;
  }

  #setFilter(event: CustomEvent<ListFilter>): void {
    this.filter = event.detail;
  }
}

customElements.define('queue-view', QueueView);
