import { css } from 'lit';

/** Styles of the banners above the queue. */
export const bannerStyles = css`
  p {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 1rem;
    margin-block-end: 1rem;
    padding: 0.5rem 1rem;
    border: 1px solid var(--accent);
    border-radius: var(--round);
    background: var(--accent-soft);
  }
`;
