import { describe, expect, it } from 'vitest';
import { drawGrid, drawStrip, layOutGrid, type MapColors } from '../../../../src/app/queue/draw-chunk-map.ts';
import { CHUNK_STATE } from '../../../../src/page/index.ts';

/** High contrast allows no more than these. */
const TWO: MapColors = ['white', 'black', 'black', 'black', 'black', 'black'];
const LOUD = [CHUNK_STATE.backgroundFetch, CHUNK_STATE.inFlight, CHUNK_STATE.retrying];
const SIZE = { width: 300, height: 160 };

describe('chunk map with one colour for staged chunks', () => {
  it.each([10, 200, 10_000])('tells sending, retrying and Background Fetch by shape in %i chunks', (count) => {
    const strips = LOUD.map((state) =>
      pixels((ctx) => drawStrip(ctx, filled(count, state), TWO, { width: SIZE.width, height: 10 })),
    );
    const grids = LOUD.map((state) =>
      pixels((ctx) => drawGrid(ctx, filled(count, state), TWO, layOutGrid(count, SIZE))),
    );
    expect(new Set(strips).size).toBe(LOUD.length);
    expect(new Set(grids).size).toBe(LOUD.length);
  });
});

function filled(count: number, state: number): Uint8Array {
  return new Uint8Array(count).fill(state);
}

function pixels(draw: (ctx: CanvasRenderingContext2D) => void): string {
  const ctx = Object.assign(document.createElement('canvas'), SIZE).getContext('2d');
  if (!ctx) throw new Error('There is no canvas.');
  draw(ctx);
  return ctx.getImageData(0, 0, SIZE.width, SIZE.height).data.join();
}
