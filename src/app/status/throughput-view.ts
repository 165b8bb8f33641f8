import { css, html, nothing, type PropertyValues } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { formatDuration, formatNumber, formatRate } from '../i18n/format.ts';
import { SHOWN_SECONDS, type Throughput } from '../state/throughput.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { onColorChange } from '../ui/color-scheme.ts';
import type { ThroughputChart } from './throughput-chart.ts';

/** The upload speed of the last minutes, as a chart and in numbers. */
export class ThroughputView extends AppElement {
  static override styles = [
    base,
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
  static override properties = { throughput: { attribute: false }, now: { attribute: false } };
  declare throughput: Throughput | null;
  /** Changes each second, in ms since 1970, to draw the next sample. */
  declare now: number;
  #chart: Promise<ThroughputChart | null> | null = null;
  #width = 0;
  #unsubscribe: () => void = () => undefined;
  readonly #resizeObserver = new ResizeObserver(([entry]) => {
    this.#width = entry?.contentRect.width ?? 0;
    void this.#draw();
  });

  constructor() {
    super();
    this.throughput = null;
    this.now = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = onColorChange(() => void this.#draw());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
    this.#resizeObserver.disconnect();
    void this.#chart?.then((chart) => chart?.destroy());
    this.#chart = null;
  }

  override render() {
    const t = strings().throughput;
    const summary = this.throughput?.summary;
    if (!summary) return nothing;
    const fact = (name: string, value: string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    return html`<section aria-labelledby="title">
      <h2 id="title">${t.title}</h2>
      <div class="chart" role="img" aria-label=${t.chart(formatDuration(SHOWN_SECONDS))}></div>
      <dl>
        ${fact(t.now, formatRate(summary.now))} ${fact(t.mean, formatRate(summary.mean))} ${fact(t.peak, formatRate(summary.peak))}
        ${fact(t.retries, formatNumber(summary.retried))}
        ${fact(t.offline, summary.offlineSeconds === 0 ? formatNumber(0) : formatDuration(summary.offlineSeconds))}
      </dl>
    </section>`;
  }

  override firstUpdated(): void {
    const box = this.renderRoot.querySelector('.chart');
    if (box) this.#resizeObserver.observe(box);
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('now')) void this.#draw();
  }

  async #draw(): Promise<void> {
    const box = this.renderRoot.querySelector<HTMLElement>('.chart');
    if (!box || !this.throughput || this.#width === 0) return;
    // Loaded when there is something to draw, so that the list does not wait for it.
    this.#chart ??= import('./throughput-chart.ts').then(
      ({ ThroughputChart: Chart }) => new Chart(box),
      () => null,
    );
    const chart = await this.#chart;
    // If loading fails, the next second tries again.
    if (!chart) this.#chart = null;
    if (this.isConnected)
      chart?.draw(this.throughput, { width: this.#width, height: box.clientHeight }, getComputedStyle(this));
  }
}

customElements.define('throughput-view', ThroughputView);
