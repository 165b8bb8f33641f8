import { css } from 'lit';

/** Layout of the add section and the drop overlay. */
export const addFilesStyles = css`
  section {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem;
    padding: 1rem;
    border: 1px solid var(--line);
    border-radius: var(--rounder);
    background: var(--card);
  }
  .choose {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  .choose .button {
    position: relative;
    flex: 1 1 12rem;
    min-height: 2.75rem;
  }
  .hint {
    flex: 1 0 100%;
    margin-block-start: -0.25rem;
    text-align: center;
    font-size: var(--size-small);
  }
  .camera {
    display: none;
  }
  @media (pointer: coarse) {
    .camera {
      display: inline-flex;
    }
    .hint {
      display: none;
    }
  }
  summary {
    padding-block: 0.25rem;
    font-size: var(--size-small);
    font-weight: 600;
    cursor: pointer;
  }
  details[open] summary {
    margin-block-end: 0.5rem;
  }
  .overlay {
    position: fixed;
    inset: 0;
    z-index: 10;
    display: grid;
    place-items: center;
    padding: 1rem;
    background: color-mix(in srgb, var(--paper) 85%, transparent);
    pointer-events: none;
  }
  .overlay p {
    display: grid;
    place-items: center;
    gap: 0.5rem;
    width: min(30rem, 100%);
    padding: 3rem 1rem;
    border: 3px dashed var(--accent);
    border-radius: var(--rounder);
    background: var(--card);
    color: var(--accent);
    font-size: 1.25rem;
    font-weight: 600;
  }
`;
