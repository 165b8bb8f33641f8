import { css } from 'lit';

/** How a row lies: its mark, its words and its buttons in one line, the map and the sentence below them. */
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
  /* The grip takes the place of the mark where there is a pointer to hold it with. */
  .grip {
    display: none;
    grid-column: 1;
    grid-row: 1;
    place-content: center;
    color: var(--quiet);
    cursor: grab;
  }
  @media (hover: hover) {
    /* Unseen rather than not there: what is not there any more ends the drag that began on it. */
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
    /* The name has a direction of its own, but its place is that of the page's. */
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
  /* There each has its border. */
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
  .promise {
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
    .promise,
    .problem {
      grid-column: 1 / -1;
    }
  }
`;
