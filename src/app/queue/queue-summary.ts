import { css, html, nothing } from 'lit';
import type { UploadView } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeForecast } from '../i18n/describe.ts';
import { formatBytes, formatDuration, formatNumber, formatPercent, formatRate } from '../i18n/format.ts';
import type { AppContext } from '../state/app-context.ts';
import { requestNotificationPermission } from '../state/browser-features.ts';
import type { Totals } from '../state/totals.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';

/** The whole queue in two lines and a bar: how far, how fast, and what happens if the page is closed now. */
export class QueueSummary extends AppElement {
  static override styles = [
    base,
    css`
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: 0.25rem 1rem;
      }
      h2 {
        font-size: 1.25rem;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: 0.5rem;
        grid-row: 1 / span 2;
        grid-column: 2;
      }
      p {
        display: flex;
        flex-wrap: wrap;
        min-height: 1.5em;
        font-size: var(--size-small);
      }
      bdi:not(:last-child)::after {
        content: '·';
        margin-inline: 0.375rem;
      }
      progress {
        grid-column: 1 / -1;
        width: 100%;
        height: 0.5rem;
        border: 1px solid transparent;
        border-radius: 0.25rem;
        overflow: hidden;
        appearance: none;
        background: var(--map-unstaged);
      }
      progress::-webkit-progress-bar {
        background: var(--map-unstaged);
      }
      progress::-webkit-progress-value {
        background: var(--accent);
      }
      progress::-moz-progress-bar {
        background: var(--accent);
      }
      .whole::-webkit-progress-value {
        background: var(--map-done);
      }
      .whole::-moz-progress-bar {
        background: var(--map-done);
      }
      @media (forced-colors: active) {
        progress {
          forced-color-adjust: none;
          border-color: CanvasText;
        }
      }
      .promise {
        grid-column: 1 / -1;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        column-gap: 0.5rem;
        font-size: var(--size-small);
      }
      .promise p {
        margin-inline-end: 0.5rem;
        column-gap: 0.5em;
      }
      /* No gap between the lines: where nothing is said yet that would be an empty one. */
      .promise button {
        margin-block-start: 0.375rem;
      }
      @media (max-width: 34rem) {
        .actions {
          grid-row: auto;
          grid-column: 1 / -1;
          justify-content: flex-start;
          min-height: 2.25rem;
          margin-block: 0.25rem;
        }
        button {
          padding-inline: 0.625rem;
          gap: 0.25rem;
          font-size: var(--size-small);
        }
        p {
          grid-column: 1 / -1;
        }
      }
    `,
  ];
  static override properties = {
    desk: { attribute: false },
    uploads: { attribute: false },
    totals: { attribute: false },
  };
  declare desk: AppContext | null;
  declare uploads: readonly UploadView[];
  declare totals: Totals | null;

  constructor() {
    super();
    this.desk = null;
    this.uploads = [];
    this.totals = null;
  }

  override render() {
    const { totals } = this;
    if (!totals) return this.#reading();
    const { bytesUploaded, bytesTotal } = totals;
    const isWhole = bytesTotal === bytesUploaded;
    // Rounded down: nothing is called whole before it is.
    const share = formatPercent(isWhole ? 1 : Math.floor((100 * bytesUploaded) / bytesTotal) / 100);
    return html`<section aria-labelledby="title">
      <h2 id="title">${this.#headline(totals)}</h2>
      <p class="numbers quiet">${this.#numbers(totals).map((part) => html`<bdi>${part}</bdi>`)}</p>
      <div class="actions">${this.#actions(totals)}</div>
      <progress class=${isWhole ? 'whole' : ''} max=${bytesTotal || 1} .value=${bytesTotal ? bytesUploaded : 1}
        aria-labelledby="title" aria-valuetext=${share}>${share}</progress>
      <div class="promise"><p>${this.#ifClosed().map((said) => html`<span>${said}</span>`)}</p>${this.#handOver()}</div>
    </section>`;
  }

  /** What is pressed here mostly goes, and another button comes. */
  protected override restoreFocus(from: Element): void {
    const button = this.renderRoot.querySelector<HTMLElement>('.actions button');
    if (button) button.focus();
    else super.restoreFocus(from);
  }

  /** As high as what takes its place. */
  #reading() {
    return html`<section aria-labelledby="title" aria-busy="true">
      <h2 id="title">${strings().queue.reading}</h2>
      <p></p>
      <div class="actions"></div>
      <progress aria-labelledby="title"></progress>
      <div class="promise"><p></p></div>
    </section>`;
  }

  #headline({ counts }: Totals): string {
    const said = strings().queue;
    if (counts.done === counts.all) return said.nothingLeft(counts.all);
    if (counts.active + counts.waiting === 0) return said.ended(counts.all);
    // The same uploads whose bytes are added up: what was cancelled or failed arrives no more, and is told apart below.
    return said.summary(formatNumber(counts.done), formatNumber(counts.done + counts.active + counts.waiting));
  }

  #numbers({ bytesTotal, bytesUploaded, bytesToGo, rateBytesPerSecond }: Totals): string[] {
    const said = strings();
    if (bytesTotal === bytesUploaded) return [formatBytes(bytesTotal)];
    const parts = [said.row.sent(formatBytes(bytesUploaded), formatBytes(bytesTotal))];
    if (rateBytesPerSecond && bytesToGo > 0) {
      parts.push(formatRate(rateBytesPerSecond), said.row.left(formatDuration(bytesToGo / rateBytesPerSecond)));
    }
    return parts;
  }

  #actions({ counts, activeCount: going, pausedCount: paused }: Totals) {
    const said = strings().queue;
    const { desk } = this;
    const button = (label: string, name: 'pause' | 'play', act: () => Promise<void> | undefined) =>
      html`<button @click=${() => desk?.try(async () => act())}>${icon(name)}${label}</button>`;
    return html`
      ${going > 0 ? button(said.pauseAll, 'pause', () => desk?.client.queue.pause()) : nothing}
      ${paused > 0 ? button(said.resumeAll, 'play', () => desk?.client.queue.resume()) : nothing}
      ${counts.done > 0 ? html`<button @click=${() => desk?.clearFinished()}>${said.clear}</button>` : nothing}`;
  }

  /** Offered only where it changes what the sentence before it says. */
  #handOver() {
    const { desk } = this;
    const { isStarting: isPreparing = false, eligible: offer = [] } = desk?.client.backgroundFetch ?? {};
    const said = strings().carrier;
    const act = () => {
      if (!desk || isPreparing) return;
      void desk.try(() => desk.client.backgroundFetch.start());
      // Whoever is about to leave may want to hear of it.
      void requestNotificationPermission();
    };
    // The button stays while it is prepared, because it has the focus; not disabled, which would take that away.
    const button = html`<button aria-disabled=${isPreparing} @click=${act}>${said.handOver}</button>`;
    const stop = html`<button @click=${() => desk?.client.backgroundFetch.cancelStart()}>${said.stop}</button>`;
    return html`
      ${isPreparing || offer.length > 0 ? button : nothing}
      ${isPreparing ? stop : nothing}
      <span role="status" class="quiet">${isPreparing ? said.preparing : ''}</span>`;
  }

  /** A sentence, and another one where the browser carries some of it. */
  #ifClosed(): string[] {
    const {
      forecast: closing,
      uploadCount: uploads = 0,
      backgroundFetchCount: carried = 0,
    } = this.desk?.client.closeForecast() ?? {};
    if (!closing || closing.kind === 'nothing-left') return [];
    const said = strings().closing;
    // Several may each wait for something else.
    const own = closing.kind === 'needs-action' && uploads > 1 ? said.waiting(uploads) : describeForecast(closing);
    return carried > 0 ? [own, said.carried(carried)] : [own];
  }
}

customElements.define('queue-summary', QueueSummary);
