import { css, html } from 'lit';
import { CHUNK_STATE } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { formatNumber } from '../i18n/format.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { getMapColors, onColorChange } from '../ui/colors.ts';
import { drawGrid, drawStrip, layOutGrid } from './draw-chunk-map.ts';

const STRIP_PX = 10;
const GRID_PX = 160;
/** In the order of their numbers. */
const KEYS = Object.keys(CHUNK_STATE) as (keyof typeof CHUNK_STATE)[];

/** What every chunk of an upload is at, as one line or as squares; the numbers are its name for who does not see it. */
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
      /* There the colour of what is not copied yet is that of the page. */
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
        background: linear-gradient(var(--map-handed) 50%, var(--map-unstaged) 50%);
      }
      .inFlight {
        background: var(--map-flight);
      }
      .retrying {
        background: linear-gradient(var(--map-retrying) 40%, var(--map-unstaged) 40% 60%, var(--map-retrying) 60%);
      }
      .acknowledged {
        background: var(--map-done);
      }
    `,
  ];
  static override properties = { states: { attribute: false }, grid: { type: Boolean }, perCell: { state: true } };
  declare states: Uint8Array;
  declare grid: boolean;
  declare perCell: number;
  readonly #resized = new ResizeObserver(([entry]) => {
    const width = entry?.contentRect.width ?? 0;
    if (width === this.#width) return;
    this.#width = width;
    this.#draw();
  });
  #canvas: HTMLCanvasElement | null = null;
  /** Of the canvas, in px; told by the browser, because asking for it would have the page laid out anew for each row. */
  #width = 0;
  #unlisten: () => void = () => undefined;

  constructor() {
    super();
    this.states = new Uint8Array();
    this.grid = false;
    this.perCell = 1;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unlisten = onColorChange(() => this.#draw());
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unlisten();
    this.#watch(null);
  }

  override render() {
    const said = strings().map;
    const done = this.states.reduce((sum, state) => sum + Number(state === CHUNK_STATE.acknowledged), 0);
    const label = said.label(formatNumber(done), formatNumber(this.states.length));
    const state = this.#onlyState;
    // A line of one colour needs no canvas; most rows of a long queue are such.
    if (state !== null && !this.grid) return html`<div class="strip ${state}" role="img" aria-label=${label}></div>`;
    return html`<canvas height=${this.grid ? 0 : STRIP_PX} role="img" aria-label=${label}></canvas>
      ${this.grid ? html`<ul>${this.#legend()}</ul>` : ''}`;
  }

  override updated(): void {
    this.#watch(this.renderRoot.querySelector('canvas'));
    this.#draw();
  }

  /** What all chunks are at; empty while nothing is known, null where they differ. */
  get #onlyState(): keyof typeof CHUNK_STATE | '' | null {
    const [first] = this.states;
    if (first === undefined) return '';
    return this.states.every((state) => state === first) ? (KEYS[first] ?? null) : null;
  }

  #watch(canvas: HTMLCanvasElement | null): void {
    if (canvas === this.#canvas) return;
    this.#canvas = canvas;
    this.#width = 0;
    this.#resized.disconnect();
    if (canvas) this.#resized.observe(canvas);
  }

  #legend() {
    const said = strings().map;
    const there = KEYS.filter((key) => this.states.includes(CHUNK_STATE[key]));
    return html`${there.map((key) => html`<li><i class=${key}></i>${said[key]}</li>`)}
      ${this.perCell > 1 ? html`<li>${said.perCell(this.perCell)}</li>` : ''}`;
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
    // By the property: a style attribute is what the page's own rules forbid.
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
