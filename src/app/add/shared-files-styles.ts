import { css } from 'lit';

/** Layout of the question about shared files. */
export const sharedFilesStyles = css`
  section {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.75rem;
    margin-block-end: 1rem;
    padding: 1rem;
    border: 1px solid var(--accent);
    border-radius: var(--rounder);
    background: var(--accent-soft);
  }
  blockquote {
    max-height: 8rem;
    overflow-y: auto;
    margin: 0;
    overflow-wrap: anywhere;
    padding-inline-start: 0.75rem;
    border-inline-start: 3px solid var(--edge);
    white-space: pre-line;
  }
  label {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    color: var(--ink);
  }
  .answers {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
`;
