import { css } from 'lit';

/** Layout of a modal dialog with sections. */
export const dialogStyles = css`
  dialog {
    width: min(34rem, calc(100vw - 2rem));
    max-height: calc(100dvh - 2rem);
    padding: 1rem 1.25rem 1.25rem;
    border: 1px solid var(--edge);
    border-radius: var(--rounder);
    background: var(--card);
    color: var(--ink);
    overflow-y: auto;
    overflow-wrap: anywhere;
  }
  dialog.small {
    width: min(28rem, calc(100vw - 2rem));
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  .small h2 {
    margin-block-end: 0.5rem;
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1rem;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    margin-block-start: 1rem;
  }
`;
