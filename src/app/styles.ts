import { css } from 'lit';

/** What every element shares. */
export const base = css`
  :host {
    display: block;
  }
  * {
    box-sizing: border-box;
  }
  button,
  .button {
    font: inherit;
    min-height: 2.25rem;
    padding: 0 0.9rem;
    border: 1px solid var(--line);
    border-radius: 0.5rem;
    background: var(--card);
    color: var(--ink);
    cursor: pointer;
  }
  .main {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  [hidden] {
    display: none;
  }
  .quiet {
    color: var(--quiet);
  }
  .bad {
    color: var(--bad);
  }
`;
