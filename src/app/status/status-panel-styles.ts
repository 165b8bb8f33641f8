import { css } from 'lit';

/** Layout of the settings dialog, after `dialogStyles`. */
export const statusPanelStyles = css`
  dialog {
    width: min(32rem, calc(100vw - 2rem));
  }
  section {
    display: grid;
    justify-items: start;
    gap: 0.5rem;
    padding-block: 1rem;
    border-block-start: 1px solid var(--line);
  }
  section:last-of-type {
    padding-block-end: 0;
  }
  h3 {
    font-size: 1rem;
  }
  p,
  label {
    font-size: var(--size-small);
  }
  label:has(progress),
  progress {
    width: 100%;
    accent-color: var(--accent);
  }
  .check {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-height: 1.5rem;
    color: var(--ink);
  }
  select {
    width: auto;
  }
`;
