import { unsafeCSS } from 'lit';
import uPlot from 'uplot';
import uplotCss from 'uplot/dist/uPlot.min.css?inline';
import { strings } from '../i18n/catalogue.ts';
import { formatDuration, formatRate } from '../i18n/format.ts';
import { SHOWN_SECONDS, type Throughput } from '../state/throughput.ts';

const MINUTE = 60;
/** Approximate width of a character of the axes. */
const GLYPH_PX = 6.5;

const { styleSheet } = unsafeCSS(uplotCss);

/**
 * The upload speed as a curve, retries as ticks, and offline periods in grey. Its box is inside a
 * shadow root.
 */
export class ThroughputChart {
  readonly #box: HTMLElement;
  #plot: uPlot | null = null;
  #styleKey = '';
  #throughput: Throughput | null = null;

  constructor(box: HTMLElement) {
    this.#box = box;
    // Styles of the document do not reach into the shadow root of the box.
    const { adoptedStyleSheets } = box.getRootNode() as ShadowRoot;
    if (styleSheet && !adoptedStyleSheets.includes(styleSheet)) adoptedStyleSheets.push(styleSheet);
  }

  draw(throughput: Throughput, size: { width: number; height: number }, style: CSSStyleDeclaration): void {
    this.#throughput = throughput;
    const color = (name: string) => style.getPropertyValue(name);
    const colors = {
      ink: color('--quiet'),
      line: color('--line'),
      curve: color('--accent'),
      retry: color('--map-retrying'),
    };
    // uPlot fixes colours and texts when it is created: another theme or language needs another
    // plot.
    const styleKey = JSON.stringify([colors, strings().throughput.now]);
    if (styleKey !== this.#styleKey) {
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(colors, size), this.#data(), this.#box);
      this.#styleKey = styleKey;
    }
    this.#plot?.setSize(size);
    this.#plot?.setData(this.#data());
  }

  destroy(): void {
    this.#plot?.destroy();
  }

  /** Seconds relative to now, and their rates; null while the browser was offline. */
  #data(): [number[], (number | null)[]] {
    const { samples, rates } = this.#throughput ?? { samples: [], rates: [] };
    return [
      samples.map((_, i) => i + 1 - samples.length),
      samples.map(({ online }, i) => (online ? (rates[i] ?? 0) : null)),
    ];
  }

  #options(
    colors: Readonly<Record<'ink' | 'line' | 'curve' | 'retry', string>>,
    size: { width: number; height: number },
  ): uPlot.Options {
    return {
      ...size,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 14, 0, 0],
      scales: {
        x: { time: false, range: [-SHOWN_SECONDS, 0] },
        y: { range: (_plot, _min, max) => [0, Math.max(1000, max * 1.15)] },
      },
      axes: createAxes(colors),
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

  /** Draws offline periods behind the curve and retries at the bottom. */
  #mark({ ctx, bbox, valToPos }: uPlot, colors: Readonly<Record<'line' | 'retry', string>>): void {
    const samples = this.#throughput?.samples ?? [];
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

function createAxes(colors: Readonly<Record<'ink' | 'line', string>>): uPlot.Axis[] {
  const axis = {
    stroke: colors.ink,
    ticks: { show: false },
    grid: { stroke: colors.line, width: 1 },
    font: '11px system-ui',
  };
  return [
    {
      ...axis,
      size: 20,
      splits: [-4 * MINUTE, -2 * MINUTE, 0],
      values: (_plot, splits) => splits.map((at) => (at === 0 ? strings().throughput.now : formatDuration(-at))),
    },
    {
      ...axis,
      // Labels are as long as the language makes them.
      size: (_plot, values) => 12 + GLYPH_PX * Math.max(0, ...(values ?? []).map(({ length }) => length)),
      splits: (_plot, _axis, _min, max) => [0, roundDown(0.9 * max)],
      values: (_plot, splits) => splits.map(formatRate),
    },
  ];
}

/** The largest of 1, 2, 5, 10, 20, 50 ... that is at most `max`. */
function roundDown(max: number): number {
  const step = 10 ** Math.floor(Math.log10(max));
  return [5 * step, 2 * step].find((round) => round <= max) ?? step;
}
