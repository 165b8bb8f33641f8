import { css, html } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { formatNumber } from '../i18n/format.ts';
import { GROUP_FILTERS, type GroupFilter, type Totals } from '../state/totals.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { type ListFilter, NO_FILTER, SORTS, type Sort } from './list-filter.ts';

/** The controls of the list: group, search and sort. Fires `filter-change`. */
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
        width: 11.5rem;
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
        /* Name above number, so that all five buttons fit into a line. */
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
        .find label:has(select) {
          flex-grow: 1.25;
        }
        .find :is(input, select) {
          width: 100%;
          font-size: 1rem;
        }
      }
    `,
  ];
  static override properties = { filter: { attribute: false }, totals: { attribute: false } };
  declare filter: ListFilter;
  declare totals: Totals | null;

  constructor() {
    super();
    this.filter = NO_FILTER;
    this.totals = null;
  }

  override render() {
    const t = strings().queue;
    return html`<div role="group" aria-label=${t.filter}>${GROUP_FILTERS.map((group) => this.#groupButton(group))}</div>
      <div class="find">
        <label>${t.search}<input type="search" .value=${this.filter.search} @input=${this.#search} /></label>
        <label>${t.sort}<select @change=${this.#sort}>
          ${SORTS.map((sort) => html`<option value=${sort} .selected=${sort === this.filter.sort}>${t.sorts[sort]}</option>`)}
        </select></label>
      </div>`;
  }

  #groupButton(group: GroupFilter) {
    const isPressed = this.filter.group === group;
    return html`<button aria-pressed=${isPressed} @click=${() => this.#change({ group })}>
      ${strings().queue.filters[group]}<span>${this.totals ? formatNumber(this.totals.counts[group]) : ''}</span>
    </button>`;
  }

  #search(event: Event): void {
    this.#change({ search: (event.target as HTMLInputElement).value });
  }

  #sort(event: Event): void {
    this.#change({ sort: (event.target as HTMLSelectElement).value as Sort });
  }

  #change(change: Partial<ListFilter>): void {
    this.dispatchEvent(new CustomEvent<ListFilter>('filter-change', { detail: { ...this.filter, ...change } }));
  }
}

customElements.define('queue-tools', QueueTools);
