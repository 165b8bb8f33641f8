import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { withApp } from '../../fixtures/with-app.ts';
import { type Picture, takePicture, takeTextSample, VISUAL_STATES } from '../../page-objects/visual-states.ts';

const FOLDER = join(import.meta.dirname, 'pictures');
/** In pixels that are not just smoothed edges: where text is drawn alike hardly any differ, and an icon that lies elsewhere is a hundred. */
const TOLERANCE = 20;

describe('the page looks as it did', () => {
  const made = withApp({ browser: 'own' });

  it.for(VISUAL_STATES)('$name', async (pose, { skip }) => {
    const text = await takeTextSample(made.app);
    const isAlike = (await differing(text)).count === 0;
    if (!isAlike)
      skip('Another Chromium or other fonts than the pictures were made with: text is drawn differently here.');
    const picture = await takePicture(made.app, pose);
    const { count, diff } = await differing(picture);
    const kept = count > TOLERANCE ? await keep(picture, diff) : '';
    expect(count, `pixels that differ: see ${kept}`).toBeLessThanOrEqual(TOLERANCE);
  });
});

/** How many pixels are not those of the picture that is kept under this name, and where; of another size it is all of them. */
async function differing({ name, png }: Picture): Promise<{ count: number; diff: PNG }> {
  const [now, before] = [PNG.sync.read(png), PNG.sync.read(await readFile(join(FOLDER, `${name}.png`)))];
  const { width, height } = before;
  const diff = new PNG({ width, height });
  const isSameSize = now.width === width && now.height === height;
  if (!isSameSize) return { count: width * height, diff };
  return { count: pixelmatch(before.data, now.data, diff.data, width, height), diff };
}

async function keep({ name, png }: Picture, diff: PNG): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pictures-'));
  await writeFile(join(folder, `${name}.png`), png);
  await writeFile(join(folder, `${name}-differs.png`), PNG.sync.write(diff));
  return folder;
}
