import { css } from 'lit';

/** Layout of the app: header, one or two columns, and a sticky footer. */
export const uploadAppStyles = css`
  :host {
    display: grid;
    grid-template-rows: auto 1fr auto;
    /* The name of a user, which may be long, must not widen the page. */
    grid-template-columns: minmax(0, 1fr);
    min-height: 100dvh;
  }
  header {
    border-block-end: 1px solid var(--line);
    background: var(--card);
  }
  header div,
  main {
    width: 100%;
    max-width: 80rem;
    margin: 0 auto;
    padding: 0.75rem 1rem;
  }
  header div {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1rem;
    min-height: 3.75rem;
  }
  h1 {
    display: flex;
    align-items: center;
    gap: 0.625rem;
    margin: 0;
    font-size: 1.125rem;
    font-weight: 700;
  }
  .logo {
    display: grid;
    color: var(--accent);
  }
  main {
    padding-block: 1rem 1.5rem;
  }
  /* Takes a focus that would be lost, so that Tab continues from here. */
  main:focus {
    outline: none;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem 1.5rem;
    align-items: start;
  }
  .side,
  .alone {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem;
  }
  .alone {
    max-width: 40rem;
    margin: 0 auto;
    padding-block-start: 1rem;
  }
  @media (min-width: 64rem) {
    .columns {
      grid-template-columns: 20rem minmax(0, 1fr);
    }
    .side {
      position: sticky;
      inset-block-start: 1rem;
      /* Ends above the footer. */
      max-height: calc(100dvh - 4rem);
      overflow-y: auto;
      scrollbar-width: thin;
    }
  }
  .problem {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem 1rem;
    margin-block-end: 1rem;
    padding: 0.75rem 1rem;
    border: 1px solid var(--bad);
    border-radius: var(--round);
    background: var(--bad-soft);
  }
  app-footer {
    position: sticky;
    inset-block-end: 0;
    z-index: 5;
    min-width: 0;
  }
  @media (max-width: 34rem) {
    header div,
    main {
      padding-inline: 0.75rem;
    }
    h1 {
      font-size: 1rem;
    }
    header div {
      gap: 0.25rem;
    }
  }
  /* Aligns the text with the cards; in forced colours the border aligns. */
  @media (max-width: 34rem) and (forced-colors: none) {
    header user-bar {
      margin-inline-end: -0.75rem;
    }
  }
`;
