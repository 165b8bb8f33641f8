import uPlot from 'uplot';
import { strings } from '../i18n/catalogue.ts';
import { formatDuration, formatRate } from '../i18n/format.ts';
import { SHOWN_SECONDS, type Throughput } from '../state/throughput.ts';

const MINUTE = 60;
/** About as wide as a letter of an axis is. */
const GLYPH_PX = 6.5;

/** The picture of the last minutes: the rate as a curve, tries that failed as ticks, offline spells as gaps in grey. */
export class ThroughputChart {
  readonly #box: HTMLElement;
  #plot: uPlot | null = null;
  #look = '';
  #traffic: Throughput | null = null;

  constructor(box: HTMLElement) {
    this.#box = box;
  }

  draw(traffic: Throughput, size: { width: number; height: number }, style: CSSStyleDeclaration): void {
    this.#traffic = traffic;
    const color = (name: string) => style.getPropertyValue(name);
    const colors = {
      ink: color('--quiet'),
      line: color('--line'),
      curve: color('--accent'),
      retry: color('--map-retrying'),
    };
    // Colours and words are fixed when a plot is made: another theme or language is another plot.
    const look = JSON.stringify([colors, strings().traffic.now]);
    if (look !== this.#look) {
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(colors, size), this.#data(), this.#box);
      this.#look = look;
    }
    this.#plot?.setSize(size);
    this.#plot?.setData(this.#data());
  }

  destroy(): void {
    this.#plot?.destroy();
  }

  /** Seconds before now (0 at the right), and the rate of each; null where the browser was offline. */
  #data(): [number[], (number | null)[]] {
    const { samples, rates } = this.#traffic ?? { samples: [], rates: [] };
    return [
      samples.map((_, i) => i + 1 - samples.length),
      samples.map(({ online }, i) => (online ? (rates[i] ?? 0) : null)),
    ];
  }

  #options(
    colors: Readonly<Record<'ink' | 'line' | 'curve' | 'retry', string>>,
    size: { width: number; height: number },
  ): uPlot.Options {
    const axis = {
      stroke: colors.ink,
      ticks: { show: false },
      grid: { stroke: colors.line, width: 1 },
      font: '11px system-ui',
    };
    return {
      ...size,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 14, 0, 0],
      scales: {
        x: { time: false, range: [-SHOWN_SECONDS, 0] },
        y: { range: (_plot, _min, max) => [0, Math.max(1000, max * 1.15)] },
      },
      axes: [
        {
          ...axis,
          size: 20,
          splits: [-4 * MINUTE, -2 * MINUTE, 0],
          values: (_plot, splits) => splits.map((at) => (at === 0 ? strings().traffic.now : formatDuration(-at))),
        },
        {
          ...axis,
          // Some languages write out what others abbreviate.
          size: (_plot, values) => 12 + GLYPH_PX * Math.max(0, ...(values ?? []).map(({ length }) => length)),
          splits: (_plot, _axis, _min, max) => [0, roundBelow(0.9 * max)],
          values: (_plot, splits) => splits.map(formatRate),
        },
      ],
      series: [
        {},
        {
          stroke: colors.curve,
          width: 1.5,
          fill: `color-mix(in srgb, ${colors.curve} 20%, transparent)`,
          points: { show: false },
        },
      ],
      hooks: { drawClear: [(plot) => this.#mark(plot, colors)] },
    };
  }

  /** Offline spells behind the curve, failed tries at its foot. */
  #mark({ ctx, bbox, valToPos }: uPlot, colors: Readonly<Record<'line' | 'retry', string>>): void {
    const samples = this.#traffic?.samples ?? [];
    const left = (i: number) => valToPos(i + 1 - samples.length, 'x', true);
    const width = bbox.width / SHOWN_SECONDS;
    for (const [i, { online, retrying }] of samples.entries()) {
      ctx.fillStyle = colors.line;
      if (!online) ctx.fillRect(left(i) - width, bbox.top, width + 1, bbox.height);
      ctx.fillStyle = colors.retry;
      if (retrying > 0) ctx.fillRect(left(i) - 1, bbox.top + bbox.height - 12, 2, 12);
    }
  }
}

/** The largest of 1, 2, 5, 10, 20, 50 ... that is not above a number. */
function roundBelow(most: number): number {
  const step = 10 ** Math.floor(Math.log10(most));
  return [5 * step, 2 * step].find((round) => round <= most) ?? step;
}
