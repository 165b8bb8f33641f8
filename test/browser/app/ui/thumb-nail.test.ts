import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ThumbNail } from '../../../../src/app/ui/thumb-nail.ts';

const RED = [255, 0, 0, 255];
const NOTHING = [0, 0, 0, 0];

describe('a small picture', () => {
  let thumb: ThumbNail;

  beforeEach(() => {
    thumb = new ThumbNail();
    document.body.append(thumb);
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    thumb.remove();
  });

  it('goes when what comes after it cannot be read', async () => {
    thumb.picture = await aPicture();
    await expect.poll(() => middleOf(thumb)).toEqual(RED);
    thumb.picture = new Blob(['no picture']);
    await expect.poll(() => middleOf(thumb)).toEqual(NOTHING);
  });

  it('is let go of where another one is wanted before it is read', async () => {
    const read: ImageBitmap[] = [];
    const decode = createImageBitmap;
    vi.stubGlobal('createImageBitmap', async (picture: Blob) => {
      const bitmap = await decode(picture);
      read.push(bitmap);
      return bitmap;
    });
    thumb.picture = await aPicture();
    await thumb.updateComplete;
    thumb.picture = null;
    // A closed one has no width.
    await expect.poll(() => read.map(({ width }) => width)).toEqual([0]);
  });
});

async function aPicture(): Promise<Blob> {
  const canvas = new OffscreenCanvas(20, 20);
  const ctx = canvas.getContext('2d');
  if (ctx) ctx.fillStyle = 'red';
  ctx?.fillRect(0, 0, 20, 20);
  return canvas.convertToBlob();
}

function middleOf(thumb: ThumbNail): number[] {
  const canvas = thumb.shadowRoot?.querySelector('canvas');
  const ctx = canvas?.getContext('2d');
  return Array.from((canvas && ctx?.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data) ?? []);
}
