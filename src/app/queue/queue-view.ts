import { css, html, nothing } from 'lit';
import type { UploadView } from '../../page/index.ts';
import type { AppContext } from '../state/app-context.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import './empty-queue.ts';
import { applyFilter, type ListFilter, NO_FILTER } from './list-filter.ts';
import './queue-summary.ts';
import './queue-tools.ts';
import { computeTotals } from '../state/totals.ts';
import './upload-list.ts';
import { strings } from '../i18n/catalogue.ts';
import type { UploadList } from './upload-list.ts';

/** The queue: what it adds up to, how it is looked at, and what is seen of it. */
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
    desk: { attribute: false },
    uploads: { attribute: false },
    look: { state: true },
  };
  declare desk: AppContext | null;
  declare uploads: readonly UploadView[];
  declare look: ListFilter;

  constructor() {
    super();
    this.desk = null;
    this.uploads = [];
    this.look = NO_FILTER;
  }

  override render() {
    const { desk, uploads } = this;
    if (!desk) return nothing;
    const { isLoaded: isWhole } = desk.client.queue;
    // Of a queue that nothing was read of yet nobody knows that it is empty.
    if (uploads.length === 0) return isWhole ? html`<empty-queue></empty-queue>` : nothing;
    const shown = applyFilter(uploads, this.look);
    // Of the beginning of a queue nothing is added up.
    const totals = isWhole ? computeTotals(uploads) : null;
    return html`<queue-summary .desk=${desk} .uploads=${uploads} .totals=${totals}></queue-summary>
      <queue-tools .look=${this.look} .totals=${totals} @look=${this.#takeLook}></queue-tools>
      ${shown.length === 0 ? this.#noMatch() : nothing}
      <upload-list ?hidden=${shown.length === 0} .desk=${desk} .uploads=${shown} ?whole=${isWhole}
        ?sortable=${isWhole && uploads.length > 1 && isUnfiltered(this.look)}></upload-list>`;
  }

  /** Opens the details of an upload and gives it the focus; false when it is not in the queue. */
  async show(id: string): Promise<boolean> {
    // What the queue is looked at by may leave it out.
    this.look = NO_FILTER;
    await this.updateComplete;
    return (await this.renderRoot.querySelector<UploadList>('upload-list')?.show(id)) ?? false;
  }

  #noMatch() {
    const showAll = () => {
      this.look = NO_FILTER;
    };
    return html`<p class="none">${strings().queue.noMatch} <button @click=${showAll}>${strings().queue.showAll}</button></p>`;
  }

  #takeLook(event: CustomEvent<ListFilter>): void {
    this.look = event.detail;
  }
}

/** Whether the whole queue is seen in its own order. */
function isUnfiltered({ filter, sort, search }: ListFilter): boolean {
  return sort === 'order' && filter === 'all' && search === '';
}

customElements.define('queue-view', QueueView);
