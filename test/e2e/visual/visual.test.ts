import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { withApp } from '../../fixtures/with-app.ts';
import { type Picture, takePicture, takeTextSample, VISUAL_STATES } from '../../page-objects/visual-states.ts';

const FOLDER = join(import.meta.dirname, 'pictures');
/**
 * In pixels that differ by more than antialiasing. Equal text differs in hardly any, and a
 * displaced icon in about a hundred.
 */
const TOLERANCE = 20;

describe('appearance', () => {
  const fixture = withApp({ browser: 'own' });

  it.for(VISUAL_STATES)('matches the stored picture: $name', async (pose, { skip }) => {
    const text = await takeTextSample(fixture.app);
    const isAlike = (await compare(text)).count === 0;
    if (!isAlike) skip('The stored pictures are from another Chromium or other fonts: text looks different here.');
    const picture = await takePicture(fixture.app, pose);
    const { count, diff } = await compare(picture);
    const kept = count > TOLERANCE ? await saveDifference(picture, diff) : '';
    expect(count, `pixels that differ: see ${kept}`).toBeLessThanOrEqual(TOLERANCE);
  });
});

/**
 * Counts the pixels that differ from the stored picture of this name. All of them differ in a
 * picture of another size.
 */
async function compare({ name, png }: Picture): Promise<{ count: number; diff: PNG }> {
  const [now, before] = [PNG.sync.read(png), PNG.sync.read(await readFile(join(FOLDER, `${name}.png`)))];
  const { width, height } = before;
  const diff = new PNG({ width, height });
  const isSameSize = now.width === width && now.height === height;
  if (!isSameSize) return { count: width * height, diff };
  return { count: pixelmatch(before.data, now.data, diff.data, width, height), diff };
}

async function saveDifference({ name, png }: Picture, diff: PNG): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pictures-'));
  await writeFile(join(folder, `${name}.png`), png);
  await writeFile(join(folder, `${name}-differs.png`), PNG.sync.write(diff));
  return folder;
}
