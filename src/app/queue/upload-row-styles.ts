import { css } from 'lit';

/** Layout of a row: icon, text and buttons in one line, the chunk map and the forecast below. */
export const uploadRowStyles = css`
  .row {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 0.25rem 0.75rem;
    padding: 0.75rem 1rem;
  }
  .mark {
    grid-column: 1;
    grid-row: 1;
    align-self: center;
    display: grid;
    color: var(--quiet);
  }
  .completed {
    color: var(--good);
  }
  .failed {
    color: var(--bad);
  }
  .waiting {
    color: var(--warn);
  }
  /* The grip replaces the icon on hover. */
  .grip {
    display: none;
    grid-column: 1;
    grid-row: 1;
    place-content: center;
    color: var(--quiet);
    cursor: grab;
  }
  @media (hover: hover) {
    /* Transparent and not hidden, because hiding the grip would end the drag that started on it. */
    .grip {
      display: grid;
      opacity: 0;
    }
    .row:hover .grip {
      opacity: 1;
    }
    .row:hover .grip ~ .mark,
    .row:hover .mark:has(+ .grip) {
      visibility: hidden;
    }
  }
  .text {
    grid-column: 2;
    grid-row: 1;
    min-width: 0;
  }
  h3 {
    font-size: 1rem;
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    /* A name has its own direction, but the alignment of the page. */
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.75rem;
    font-size: var(--size-small);
  }
  .state {
    font-weight: 500;
  }
  .numbers {
    display: flex;
    flex-wrap: wrap;
  }
  .numbers bdi {
    white-space: nowrap;
  }
  .numbers bdi:not(:last-child)::after {
    content: '·';
    margin-inline: 0.375rem;
  }
  .actions {
    grid-column: 3;
    grid-row: 1;
    display: flex;
    align-items: start;
    margin-inline-end: -0.5rem;
    color: var(--quiet);
  }
  .actions button {
    color: inherit;
  }
  /* Forced colours give every button a border. */
  @media (forced-colors: active) {
    .actions {
      gap: 0.25rem;
      margin-inline-end: 0;
    }
  }
  .details svg {
    transition: transform 0.15s;
  }
  .details[aria-expanded='true'] svg {
    transform: rotate(180deg);
  }
  @media (prefers-reduced-motion: reduce) {
    .details svg {
      transition: none;
    }
  }
  .map {
    grid-column: 2 / -1;
    margin-block: 0.125rem;
  }
  .forecast {
    grid-column: 2 / -1;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.25rem 0.75rem;
    font-size: var(--size-small);
  }
  .todo {
    display: flex;
    flex-wrap: wrap;
    gap: 0.375rem;
  }
  .outcome {
    flex: 1 1 12rem;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .problem {
    grid-column: 2 / -1;
    font-size: var(--size-small);
  }
  @media (max-width: 34rem) {
    .row {
      padding-inline: 0.75rem;
      column-gap: 0.5rem;
    }
    .map,
    .forecast,
    .problem {
      grid-column: 1 / -1;
    }
  }
`;
