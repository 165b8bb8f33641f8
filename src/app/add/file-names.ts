import { css, html, nothing } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { formatBytes } from '../i18n/format.ts';
import { isolate } from '../i18n/plural.ts';

const MAX_NAMES = 10;

/** Styles of `renderFileNames`. */
export const fileNamesStyles = css`
  .names {
    display: grid;
    gap: 0.25rem;
    margin: 0;
    padding: 0;
    list-style: none;
    font-size: var(--size-small);
  }
  .names li {
    overflow-wrap: anywhere;
  }
`;

/** The names and sizes of files that wait for the user's answer. */
export function renderFileNames(files: readonly File[]) {
  const more = files.length - MAX_NAMES;
  return html`<ul class="names">
    ${files
      .slice(0, MAX_NAMES)
      .map(({ name, size }) => html`<li>${isolate(name)} <span class="quiet numbers">${formatBytes(size)}</span></li>`)}
    ${more > 0 ? html`<li>${strings().review.more(more)}</li>` : nothing}
  </ul>`;
}
