import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ThumbNail } from '../../../../src/app/ui/thumb-nail.ts';

const RED = [255, 0, 0, 255];
const TRANSPARENT = [0, 0, 0, 0];

describe('ThumbNail', () => {
  let thumb: ThumbNail;

  beforeEach(() => {
    thumb = new ThumbNail();
    document.body.append(thumb);
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    thumb.remove();
  });

  it('clears the thumbnail when the next picture is unreadable', async () => {
    thumb.picture = await createPicture();
    await expect.poll(() => readMiddlePixel(thumb)).toEqual(RED);
    thumb.picture = new Blob(['no picture']);
    await expect.poll(() => readMiddlePixel(thumb)).toEqual(TRANSPARENT);
  });

  it('closes a bitmap that was replaced before it was decoded', async () => {
    const decoded: ImageBitmap[] = [];
    const decode = createImageBitmap;
    vi.stubGlobal('createImageBitmap', async (picture: Blob) => {
      const bitmap = await decode(picture);
      decoded.push(bitmap);
      return bitmap;
    });
    thumb.picture = await createPicture();
    await thumb.updateComplete;
    thumb.picture = null;
    // A closed bitmap has no width.
    await expect.poll(() => decoded.map(({ width }) => width)).toEqual([0]);
  });
});

async function createPicture(): Promise<Blob> {
  const canvas = new OffscreenCanvas(20, 20);
  const ctx = canvas.getContext('2d');
  if (ctx) ctx.fillStyle = 'red';
  ctx?.fillRect(0, 0, 20, 20);
  return canvas.convertToBlob();
}

function readMiddlePixel(thumb: ThumbNail): number[] {
  const canvas = thumb.shadowRoot?.querySelector('canvas');
  const ctx = canvas?.getContext('2d');
  return Array.from((canvas && ctx?.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data) ?? []);
}
