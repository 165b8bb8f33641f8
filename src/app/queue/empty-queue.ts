import { css, html } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';

/** The empty queue: explains in three steps what happens to a file. */
export class EmptyQueue extends AppElement {
  static override styles = [
    base,
    css`
      section {
        display: grid;
        justify-items: center;
        gap: 0.75rem;
        padding: 2.5rem 1.5rem;
        border: 1px dashed var(--edge);
        border-radius: var(--rounder);
        text-align: center;
      }
      svg {
        color: var(--accent);
      }
      p {
        max-width: 34rem;
      }
      ol {
        display: grid;
        gap: 0.5rem;
        margin: 0.5rem 0 0;
        padding: 0;
        list-style: none;
        counter-reset: step;
        text-align: start;
        font-size: var(--size-small);
      }
      li {
        display: flex;
        align-items: center;
        gap: 0.75rem;
        counter-increment: step;
      }
      li::before {
        content: counter(step);
        display: grid;
        place-items: center;
        flex: none;
        width: 1.75rem;
        height: 1.75rem;
        border-radius: 50%;
        background: var(--accent-soft);
        color: var(--accent);
        font-weight: 700;
      }
    `,
  ];

  override render() {
    const t = strings().queue;
    return html`<section aria-labelledby="title">
      ${icon('upload', 44)}
      <h2 id="title">${t.empty}</h2>
      <p class="quiet">${t.emptyHow}</p>
      <ol>${t.steps.map((step) => html`<li>${step}</li>`)}</ol>
    </section>`;
  }
}

customElements.define('empty-queue', EmptyQueue);
