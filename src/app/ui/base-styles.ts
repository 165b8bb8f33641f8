import { css } from 'lit';

/** Styles of basic elements and the utility classes. */
export const base = css`
  :host {
    display: block;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  * {
    box-sizing: border-box;
  }
  h2,
  h3,
  p {
    margin: 0;
  }
  h2 {
    font-size: var(--size-large);
    font-weight: 650;
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5rem;
    min-height: 2.25rem;
    padding: 0.25rem 0.875rem;
    border: 1px solid var(--edge);
    border-radius: var(--round);
    background: var(--card);
    color: var(--ink);
    font: inherit;
    font-weight: 500;
    text-align: center;
    cursor: pointer;
  }
  button:hover,
  .button:hover {
    background: var(--hover);
  }
  button:disabled,
  button[aria-disabled='true'] {
    opacity: 0.6;
    cursor: default;
  }
  .main {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
  }
  .main:hover {
    background: var(--accent-strong);
  }
  .bare {
    border-color: transparent;
    background: none;
  }
  .icon {
    min-width: 2.25rem;
    padding: 0.25rem;
  }
  svg {
    flex: none;
  }
  label {
    display: grid;
    gap: 0.25rem;
    font-size: var(--size-small);
    color: var(--quiet);
  }
  input,
  select {
    width: 100%;
    min-width: 0;
    min-height: 2.25rem;
    padding: 0 0.625rem;
    border: 1px solid var(--edge);
    border-radius: var(--round);
    background: var(--field);
    color: var(--ink);
    font: inherit;
    font-size: 1rem;
  }
  input[type='checkbox'] {
    width: 1.25rem;
    min-height: 1.25rem;
    accent-color: var(--accent);
  }
  :focus-visible,
  .button:focus-within:has(:focus-visible) {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    min-height: 0;
    padding: 0;
    border: 0;
    overflow: hidden;
    clip-path: inset(50%);
  }
  .quiet {
    color: var(--quiet);
  }
  .bad {
    color: var(--bad);
  }
  @media (forced-colors: active) {
    .main:not(:disabled) {
      forced-color-adjust: none;
    }
    /* Forced colours have a colour for disabled controls, which opacity would dilute. */
    button:disabled,
    button[aria-disabled='true'] {
      opacity: 1;
      border-color: GrayText;
      color: GrayText;
    }
  }
  .numbers {
    font-variant-numeric: tabular-nums;
  }
`;
