import { css, html } from 'lit';
import { CHUNK_STATE } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { formatNumber } from '../i18n/format.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { onColorChange } from '../ui/color-scheme.ts';
import { drawGrid, drawStrip, layOutGrid } from './draw-chunk-map.ts';
import { getMapColors } from './map-colors.ts';

const STRIP_PX = 10;
const GRID_PX = 160;
/** Names of the chunk states, indexed by their numbers. */
const STATES = Object.keys(CHUNK_STATE) as (keyof typeof CHUNK_STATE)[];

/**
 * Shows the state of every chunk of an upload, as a strip or as a grid of squares; the label has
 * the numbers for screen readers.
 */
export class ChunkMap extends AppElement {
  static override styles = [
    base,
    css`
      canvas,
      .strip {
        display: block;
        width: 100%;
        border-radius: 3px;
        forced-color-adjust: none;
      }
      :host(:not([grid])) canvas,
      .strip {
        height: 10px;
      }
      /* In forced colours, chunks that are not staged have the colour of the page. */
      @media (forced-colors: active) {
        canvas,
        .strip {
          outline: 1px solid CanvasText;
        }
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem 1rem;
        margin: 0.5rem 0 0;
        padding: 0;
        list-style: none;
        font-size: var(--size-small);
        color: var(--quiet);
      }
      li {
        display: flex;
        align-items: center;
        gap: 0.375rem;
      }
      i {
        width: 0.75rem;
        height: 0.75rem;
        border-radius: 2px;
        border: 1px solid var(--edge);
        forced-color-adjust: none;
      }
      .unstaged {
        background: var(--map-unstaged);
      }
      .staged {
        background: var(--map-staged);
      }
      .backgroundFetch {
        background: linear-gradient(var(--map-background-fetch) 50%, var(--map-unstaged) 50%);
      }
      .inFlight {
        background: var(--map-in-flight);
      }
      .retrying {
        background: linear-gradient(var(--map-retrying) 40%, var(--map-unstaged) 40% 60%, var(--map-retrying) 60%);
      }
      .acknowledged {
        background: var(--map-acknowledged);
      }
    `,
  ];
  static override properties = { states: { attribute: false }, grid: { type: Boolean }, perCell: { state: true } };
  declare states: Uint8Array;
  declare grid: boolean;
  declare perCell: number;
  readonly #resizeObserver = new ResizeObserver(([entry]) => {
    const width = entry?.contentRect.width ?? 0;
    if (width === this.#width) return;
    this.#width = width;
    this.#draw();
  });
  #canvas: HTMLCanvasElement | null = null;
  /** Width of the canvas in px, from the observer: reading it would force a layout for each row. */
  #width = 0;
  #unsubscribe: () => void = () => undefined;

  constructor() {
    super();
    this.states = new Uint8Array();
    this.grid = false;
    this.perCell = 1;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = onColorChange(() => this.#draw());
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
    this.#observe(null);
  }

  override render() {
    const t = strings().map;
    const done = this.states.reduce((sum, state) => sum + Number(state === CHUNK_STATE.acknowledged), 0);
    const label = t.label(formatNumber(done), formatNumber(this.states.length));
    const state = this.#commonState;
    // A strip of one colour needs no canvas. Most rows of a long queue have one.
    if (state !== null && !this.grid) return html`<div class="strip ${state}" role="img" aria-label=${label}></div>`;
    return html`<canvas height=${this.grid ? 0 : STRIP_PX} role="img" aria-label=${label}></canvas>
      ${this.grid ? html`<ul>${this.#legend()}</ul>` : ''}`;
  }

  override updated(): void {
    this.#observe(this.renderRoot.querySelector('canvas'));
    this.#draw();
  }

  /** The state that all chunks have: '' while it is unknown, null where they differ. */
  get #commonState(): keyof typeof CHUNK_STATE | '' | null {
    const [first] = this.states;
    if (first === undefined) return '';
    return this.states.every((state) => state === first) ? (STATES[first] ?? null) : null;
  }

  #observe(canvas: HTMLCanvasElement | null): void {
    if (canvas === this.#canvas) return;
    this.#canvas = canvas;
    this.#width = 0;
    this.#resizeObserver.disconnect();
    if (canvas) this.#resizeObserver.observe(canvas);
  }

  #legend() {
    const t = strings().map;
    const present = STATES.filter((key) => this.states.includes(CHUNK_STATE[key]));
    return html`${present.map((key) => html`<li><i class=${key}></i>${t[key]}</li>`)}
      ${this.perCell > 1 ? html`<li>${t.perCell(this.perCell)}</li>` : ''}`;
  }

  #draw(): void {
    const canvas = this.#canvas;
    const width = this.#width;
    if (!canvas || width === 0 || this.states.length === 0) return;
    const ctx = canvas.getContext('2d');
    if (!ctx) return;
    const grid = layOutGrid(this.states.length, { width, height: GRID_PX });
    const height = this.grid ? grid.rows * grid.cell : STRIP_PX;
    canvas.width = width * devicePixelRatio;
    canvas.height = height * devicePixelRatio;
    // A property, because the Content Security Policy forbids style attributes.
    canvas.style.height = `${height}px`;
    ctx.scale(devicePixelRatio, devicePixelRatio);
    if (getComputedStyle(this).direction === 'rtl')
      ctx.setTransform(-devicePixelRatio, 0, 0, devicePixelRatio, canvas.width, 0);
    if (this.grid) drawGrid(ctx, this.states, getMapColors(), grid);
    else drawStrip(ctx, this.states, getMapColors(), { width, height });
    if (this.grid) this.perCell = grid.perCell;
  }
}

customElements.define('chunk-map', ChunkMap);
