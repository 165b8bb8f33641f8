import { css } from 'lit';

/** Layout of the details of an upload. */
export const uploadDetailsStyles = css`
  section {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem;
    margin: 0 1rem 1rem;
    padding: 1rem;
    border: 1px solid var(--line);
    border-radius: var(--round);
    background: var(--paper);
  }
  p {
    font-size: var(--size-small);
  }
  h4 {
    margin: 0;
    font-size: 1rem;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr));
    gap: 0.5rem 1rem;
    margin: 0;
    font-size: var(--size-small);
  }
  dt {
    color: var(--quiet);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
    text-align: match-parent;
  }
  code {
    font-size: 0.8125rem;
    overflow-wrap: anywhere;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
    font-size: var(--size-small);
  }
  @media (max-width: 34rem) {
    section {
      margin-inline: 0.75rem;
      padding: 0.75rem;
    }
  }
`;
