import { css, html } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { formatNumber } from '../i18n/format.ts';
import { FILTERS, type Filter, type Totals } from '../state/totals.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { type ListFilter, NO_FILTER, SORTS, type Sort } from './list-filter.ts';

/** How the queue is looked at: which of it, by what name, in what order. */
export class QueueTools extends AppElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 0.5rem 1rem;
      }
      [role='group'] {
        display: flex;
        flex: 1 1 auto;
        flex-wrap: wrap;
        gap: 0.25rem;
      }
      button {
        padding-inline: 0.75rem;
        border-color: transparent;
        border-radius: 1.25rem;
        background: none;
        font-size: var(--size-small);
      }
      [aria-pressed='true'] {
        border-color: var(--accent);
        background: var(--accent-soft);
        font-weight: 650;
      }
      span {
        color: var(--quiet);
        font-variant-numeric: tabular-nums;
      }
      .find {
        display: flex;
        gap: 0.5rem;
      }
      .find input {
        width: 9rem;
      }
      .find select {
        width: 10rem;
      }
      .find :is(input, select) {
        font-size: var(--size-small);
      }
      @media (forced-colors: active) {
        [aria-pressed='true'] {
          border-width: 3px;
        }
      }
      @media (max-width: 34rem) {
        /* Under each other the five stand beside each other. */
        button {
          flex-direction: column;
          gap: 0;
          padding: 0.25rem 0.375rem;
          border-radius: var(--round);
          line-height: 1.3;
        }
        .find {
          flex: 1 1 100%;
        }
        .find label {
          flex: 1 1 0;
          min-width: 0;
        }
        .find :is(input, select) {
          width: 100%;
          font-size: 1rem;
        }
      }
    `,
  ];
  static override properties = { look: { attribute: false }, totals: { attribute: false } };
  declare look: ListFilter;
  declare totals: Totals | null;

  constructor() {
    super();
    this.look = NO_FILTER;
    this.totals = null;
  }

  override render() {
    const said = strings().queue;
    return html`<div role="group" aria-label=${said.filter}>${FILTERS.map((filter) => this.#filter(filter))}</div>
      <div class="find">
        <label>${said.search}<input type="search" .value=${this.look.search} @input=${this.#find} /></label>
        <label>${said.sort}<select @change=${this.#sort}>
          ${SORTS.map((sort) => html`<option value=${sort} .selected=${sort === this.look.sort}>${said.sorts[sort]}</option>`)}
        </select></label>
      </div>`;
  }

  #filter(filter: Filter) {
    const isOn = this.look.filter === filter;
    return html`<button aria-pressed=${isOn} @click=${() => this.#change({ filter })}>
      ${strings().queue.filters[filter]}<span>${this.totals ? formatNumber(this.totals.counts[filter]) : ''}</span>
    </button>`;
  }

  #find(event: Event): void {
    this.#change({ search: (event.target as HTMLInputElement).value });
  }

  #sort(event: Event): void {
    this.#change({ sort: (event.target as HTMLSelectElement).value as Sort });
  }

  #change(part: Partial<ListFilter>): void {
    this.dispatchEvent(new CustomEvent<ListFilter>('look', { detail: { ...this.look, ...part } }));
  }
}

customElements.define('queue-tools', QueueTools);
