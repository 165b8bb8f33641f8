import { css } from 'lit';

/** Layout of the settings dialog. */
export const statusPanelStyles = css`
  dialog {
    width: min(32rem, calc(100vw - 2rem));
    max-height: calc(100dvh - 2rem);
    padding: 1rem 1.25rem 1.25rem;
    border: 1px solid var(--edge);
    border-radius: var(--rounder);
    background: var(--card);
    color: var(--ink);
    overflow-y: auto;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1rem;
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
