import { css, html, nothing, type PropertyValues, unsafeCSS } from 'lit';
import uplotCss from 'uplot/dist/uPlot.min.css?inline';
import { strings } from '../i18n/catalogue.ts';
import { formatDuration, formatNumber, formatRate } from '../i18n/format.ts';
import { SHOWN_SECONDS, type Throughput } from '../state/throughput.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { onColorChange } from '../ui/colors.ts';
import type { ThroughputChart } from './throughput-chart.ts';

/** The last minutes of the link: a picture, and the same in numbers. */
export class ThroughputView extends AppElement {
  static override styles = [
    base,
    unsafeCSS(uplotCss),
    css`
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.75rem;
        padding: 1rem;
        border: 1px solid var(--line);
        border-radius: var(--rounder);
        background: var(--card);
      }
      .chart {
        direction: ltr;
        height: 120px;
        overflow: hidden;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: 0.25rem 0.75rem;
        margin: 0;
        font-size: var(--size-small);
      }
      dt {
        color: var(--quiet);
      }
      dd {
        margin: 0;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];
  static override properties = { traffic: { attribute: false }, now: { attribute: false } };
  declare traffic: Throughput | null;
  /** When it was looked at last, in ms since 1970; each second anew. */
  declare now: number;
  #chart: Promise<ThroughputChart | null> | null = null;
  #width = 0;
  #unlisten: () => void = () => undefined;
  readonly #resized = new ResizeObserver(([entry]) => {
    this.#width = entry?.contentRect.width ?? 0;
    void this.#draw();
  });

  constructor() {
    super();
    this.traffic = null;
    this.now = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unlisten = onColorChange(() => void this.#draw());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unlisten();
    this.#resized.disconnect();
    void this.#chart?.then((chart) => chart?.destroy());
    this.#chart = null;
  }

  override render() {
    const said = strings().traffic;
    const summary = this.traffic?.summary;
    if (!summary) return nothing;
    const fact = (name: string, value: string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    return html`<section aria-labelledby="title">
      <h2 id="title">${said.title}</h2>
      <div class="chart" role="img" aria-label=${said.chart(formatDuration(SHOWN_SECONDS))}></div>
      <dl>
        ${fact(said.now, formatRate(summary.now))} ${fact(said.mean, formatRate(summary.mean))} ${fact(said.peak, formatRate(summary.peak))}
        ${fact(said.retries, formatNumber(summary.retried))}
        ${fact(said.offline, summary.offlineSeconds === 0 ? formatNumber(0) : formatDuration(summary.offlineSeconds))}
      </dl>
    </section>`;
  }

  override firstUpdated(): void {
    const box = this.renderRoot.querySelector('.chart');
    if (box) this.#resized.observe(box);
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('now')) void this.#draw();
  }

  async #draw(): Promise<void> {
    const box = this.renderRoot.querySelector<HTMLElement>('.chart');
    if (!box || !this.traffic || this.#width === 0) return;
    // Fetched when there is something to draw: the queue is there without it.
    this.#chart ??= import('./throughput-chart.ts').then(
      ({ ThroughputChart: Chart }) => new Chart(box),
      () => null,
    );
    const chart = await this.#chart;
    // Where it could not be fetched it is asked for again with the next second.
    if (!chart) this.#chart = null;
    if (this.isConnected)
      chart?.draw(this.traffic, { width: this.#width, height: box.clientHeight }, getComputedStyle(this));
  }
}

customElements.define('throughput-view', ThroughputView);
