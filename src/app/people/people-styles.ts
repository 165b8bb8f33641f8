import { css } from 'lit';

/** Layout of the sections and lists of the account dialog. */
export const peopleStyles = css`
  section {
    display: grid;
    justify-items: start;
    gap: 0.75rem;
    padding-block: 1rem;
    border-block-start: 1px solid var(--line);
  }
  h3 {
    font-size: 1rem;
  }
  ul:empty,
  [role='status']:empty {
    display: none;
  }
  guest-link-form {
    width: 100%;
  }
  ul {
    display: grid;
    gap: 0.5rem;
    width: 100%;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.25rem 1rem;
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--line);
    border-radius: var(--round);
  }
  li > div {
    flex: 1 1 12rem;
    min-width: 0;
  }
  .name {
    font-weight: 600;
  }
  .question {
    flex: 1 1 100%;
  }
  .quiet {
    font-size: var(--size-small);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  form {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(9rem, 100%), 1fr));
    align-items: end;
    gap: 0.75rem;
    width: 100%;
  }
  .wide,
  form .actions {
    grid-column: 1 / -1;
  }
`;
