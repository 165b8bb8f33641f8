import { CHUNK_STATE } from '../../page/index.ts';

/** One colour per chunk state, indexed by the numbers of `CHUNK_STATE`. */
export type MapColors = readonly [string, string, string, string, string, string];

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Smallest square of a grid. Where even those do not fit, a square stands for several chunks. */
const CELL_PX = 4;
/** Narrower cells of a strip have no gaps, which would take up most of it. */
const MIN_GAPPED_CELL_PX = 7;
/** A cell that stands for several chunks shows the first of these states that one of them has. */
const PRIORITY = [CHUNK_STATE.retrying, CHUNK_STATE.inFlight, CHUNK_STATE.backgroundFetch] as const;

/** Layout of a grid: squares `cell` px apart, each for `perCell` chunks. */
export interface Grid {
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  readonly perCell: number;
}

/**
 * Finds the largest squares that fit; where even the smallest do not, puts several chunks into a
 * square.
 */
export function layOutGrid(chunks: number, { width, height }: Size): Grid {
  for (let cell = 16; cell >= CELL_PX; cell--) {
    const columns = Math.max(1, Math.floor(width / cell));
    const rows = Math.ceil(chunks / columns);
    if (rows * cell <= height) return { cell, columns, rows, perCell: 1 };
  }
  const columns = Math.max(1, Math.floor(width / CELL_PX));
  const most = columns * Math.max(1, Math.floor(height / CELL_PX));
  const perCell = Math.ceil(chunks / most);
  return { cell: CELL_PX, columns, rows: Math.ceil(chunks / perCell / columns), perCell };
}

/**
 * Draws a strip with a cell for each chunk, or for each pixel where there are more chunks than
 * pixels.
 */
export function drawStrip(ctx: CanvasRenderingContext2D, states: Uint8Array, colors: MapColors, size: Size): void {
  const cells = Math.min(states.length, Math.max(1, Math.floor(size.width)));
  const width = size.width / cells;
  const gap = width >= MIN_GAPPED_CELL_PX ? 1 : 0;
  for (let i = 0; i < cells; i++) {
    const from = Math.floor((i * states.length) / cells);
    const to = Math.max(from + 1, Math.floor(((i + 1) * states.length) / cells));
    // Whole pixels: two cells that share a pixel would each draw half of it, which shows as a line.
    const [x, end] = [Math.round(i * width), Math.round((i + 1) * width)];
    paint(ctx, states.subarray(from, to), colors, { x, y: 0, width: end - x - gap, height: size.height });
  }
}

/** Draws the squares of a grid, row by row. */
export function drawGrid(ctx: CanvasRenderingContext2D, states: Uint8Array, colors: MapColors, grid: Grid): void {
  const gap = grid.cell > CELL_PX ? 2 : 1;
  const side = grid.cell - gap;
  for (let i = 0; i * grid.perCell < states.length; i++) {
    const part = states.subarray(i * grid.perCell, (i + 1) * grid.perCell);
    const [x, y] = [(i % grid.columns) * grid.cell, Math.floor(i / grid.columns) * grid.cell];
    paint(ctx, part, colors, { x, y, width: side, height: side });
  }
}

interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

function paint(ctx: CanvasRenderingContext2D, part: Uint8Array, colors: MapColors, box: Box): void {
  const state = PRIORITY.find((candidate) => part.includes(candidate));
  if (state !== undefined) {
    fill(ctx, colors[state], box);
    // Forced colours have too few colours: a notch marks retries, half the height marks the
    // background.
    if (state === CHUNK_STATE.retrying) fill(ctx, colors[CHUNK_STATE.unstaged], getNotch(box));
    if (state === CHUNK_STATE.backgroundFetch) fill(ctx, colors[CHUNK_STATE.unstaged], getLowerHalf(box));
    return;
  }
  const staged = part.some((chunk) => chunk !== CHUNK_STATE.unstaged);
  const done = part.reduce((sum, chunk) => sum + Number(chunk === CHUNK_STATE.acknowledged), 0) / part.length;
  // Side by side and not overlaid: a colour of a high-contrast theme may be translucent.
  const left = box.height * (1 - done);
  fill(ctx, colors[staged ? CHUNK_STATE.staged : CHUNK_STATE.unstaged], { ...box, height: left });
  fill(ctx, colors[CHUNK_STATE.acknowledged], { ...box, y: box.y + left, height: box.height - left });
}

function getNotch({ x, y, width, height }: Box): Box {
  return { x, y: y + height * 0.4, width, height: Math.max(1, height * 0.2) };
}

function getLowerHalf({ x, y, width, height }: Box): Box {
  return { x, y: y + height / 2, width, height: height / 2 };
}

function fill(ctx: CanvasRenderingContext2D, color: string, { x, y, width, height }: Box): void {
  ctx.fillStyle = color;
  ctx.fillRect(x, y, width, height);
}
