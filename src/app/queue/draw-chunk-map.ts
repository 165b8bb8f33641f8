import { CHUNK_STATE } from '../../page/index.ts';

/** Colours by state, in the order of `CHUNK`'s numbers. */
export type MapColors = readonly [string, string, string, string, string, string];

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Chunks narrower than this run into one another: they are drawn by the pixel. */
const CELL_PX = 4;
/** In a line, gaps between narrower cells would be more line than cell. */
const GAP_FROM_PX = 7;
/** From the most to the least telling: a cell that stands for many chunks shows the first of these it holds. */
const PRIORITY = [CHUNK_STATE.retrying, CHUNK_STATE.inFlight, CHUNK_STATE.backgroundFetch] as const;

/** How a map of squares is laid out: `cell` px apart, `perCell` chunks to a square. */
export interface Grid {
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  readonly perCell: number;
}

/** The largest squares with which so many chunks fit, and where even the smallest do not, more chunks to a square. */
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

/** One line: a cell for each chunk while they are wide enough to be told apart, else what each pixel holds. */
export function drawStrip(ctx: CanvasRenderingContext2D, states: Uint8Array, colors: MapColors, size: Size): void {
  const cells = Math.min(states.length, Math.max(1, Math.floor(size.width)));
  const width = size.width / cells;
  const gap = width >= GAP_FROM_PX ? 1 : 0;
  for (let i = 0; i < cells; i++) {
    const from = Math.floor((i * states.length) / cells);
    const to = Math.max(from + 1, Math.floor(((i + 1) * states.length) / cells));
    // From pixel to pixel: an edge between two is drawn half by each cell, which leaves a line where none is.
    const [x, end] = [Math.round(i * width), Math.round((i + 1) * width)];
    paint(ctx, states.subarray(from, to), colors, { x, y: 0, width: end - x - gap, height: size.height });
  }
}

/** Squares in rows, as large as fit. */
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
  const loud = PRIORITY.find((state) => part.includes(state));
  if (loud !== undefined) {
    fill(ctx, colors[loud], box);
    // Not by colour alone, of which high contrast has too few: what is tried again is notched, what is handed over is half as high.
    if (loud === CHUNK_STATE.retrying) fill(ctx, colors[CHUNK_STATE.unstaged], getNotch(box));
    if (loud === CHUNK_STATE.backgroundFetch) fill(ctx, colors[CHUNK_STATE.unstaged], getLowerHalf(box));
    return;
  }
  const staged = part.some((state) => state !== CHUNK_STATE.unstaged);
  const done = part.reduce((sum, state) => sum + Number(state === CHUNK_STATE.acknowledged), 0) / part.length;
  // Beside each other, not one over the other: in high contrast a colour may let through what lies below.
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
