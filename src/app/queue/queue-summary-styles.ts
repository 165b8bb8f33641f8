import { css } from 'lit';

/**
 * Layout of the summary: headline and numbers beside the actions, then progress bar and forecast.
 */
export const queueSummaryStyles = css`
  section {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: 0.25rem 1rem;
  }
  h2 {
    font-size: 1.25rem;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 0.5rem;
    grid-row: 1 / span 2;
    grid-column: 2;
  }
  p {
    display: flex;
    flex-wrap: wrap;
    min-height: 1.5em;
    font-size: var(--size-small);
  }
  bdi:not(:last-child)::after {
    content: '·';
    margin-inline: 0.375rem;
  }
  progress {
    grid-column: 1 / -1;
    width: 100%;
    height: 0.5rem;
    border: 1px solid transparent;
    border-radius: 0.25rem;
    overflow: hidden;
    appearance: none;
    background: var(--map-unstaged);
  }
  progress::-webkit-progress-bar {
    background: var(--map-unstaged);
  }
  progress::-webkit-progress-value {
    background: var(--accent);
  }
  progress::-moz-progress-bar {
    background: var(--accent);
  }
  .complete::-webkit-progress-value {
    background: var(--map-acknowledged);
  }
  .complete::-moz-progress-bar {
    background: var(--map-acknowledged);
  }
  @media (forced-colors: active) {
    progress {
      forced-color-adjust: none;
      border-color: CanvasText;
    }
  }
  .forecast {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    column-gap: 0.5rem;
    font-size: var(--size-small);
  }
  .forecast p {
    margin-inline-end: 0.5rem;
    column-gap: 0.5em;
  }
  /* A margin and no row gap, because an empty forecast would leave the gap. */
  .forecast button {
    margin-block-start: 0.375rem;
  }
  @media (max-width: 34rem) {
    .actions {
      grid-row: auto;
      grid-column: 1 / -1;
      justify-content: flex-start;
      min-height: 2.25rem;
      margin-block: 0.25rem;
    }
    button {
      padding-inline: 0.625rem;
      gap: 0.25rem;
      font-size: var(--size-small);
    }
    p {
      grid-column: 1 / -1;
    }
  }
`;
