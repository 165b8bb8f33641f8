import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { DESKTOP, PHONE } from '../../page-objects/app-page.ts';
import { expireSignIn } from '../../page-objects/expire-sign-in.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

/** RGBA, as a canvas returns it. */
const RED = [255, 0, 0, 255];
const TRANSPARENT = [0, 0, 0, 0];

describe('adding files', () => {
  const fixture = withApp();
  const arrived = (user: string) => fixture.server.batches.list(user).map(({ files }) => files[0]?.name ?? '');

  it('uploads a pasted picture under a name with its time', async () => {
    const user = 'paster';
    await fixture.app.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const tab = await fixture.app.signIn(user);
    await tab.bringToFront();
    await tab.evaluate(copyPicture);
    await tab.keyboard.press('Control+V');
    await waitForRows(tab, 1, isCompleted);
    expect(arrived(user)).toEqual([expect.stringMatching(/^pasted-\d{4}-\d\d-\d\dT[\d-]+\.png$/)]);
  });

  it('uploads a chosen folder with its sub-folders', async () => {
    const user = 'archivist';
    const dir = await createTree(fixture.folder.dir);
    const tab = await fixture.app.signIn(user);
    await tab.locator('#folder').setInputFiles(dir);
    await waitForRows(tab, 3, isCompleted);
    expect(arrived(user).sort()).toEqual(['one.txt', 'three.txt', 'two.txt']);
  });

  it('uploads files and folders dropped anywhere in the window', async () => {
    const user = 'dropper';
    const dir = await createTree(join(fixture.folder.dir, 'dropped'));
    const loose = await makeFile(fixture.folder.dir, 'loose.bin', 100);
    const tab = await fixture.app.signIn(user);
    await drag(tab, ['dragEnter', 'dragOver'], [dir, loose.path]);
    await tab.getByText('Drop to upload').waitFor();
    await drag(tab, ['drop'], [dir, loose.path]);
    await tab.getByText('Drop to upload').waitFor({ state: 'hidden' });
    await waitForRows(tab, 4, isCompleted);
    expect(arrived(user).sort()).toEqual(['loose.bin', 'one.txt', 'three.txt', 'two.txt']);
  });

  it('offers the camera on a touch screen only and uploads its photo', async () => {
    const user = 'photographer';
    const photo = await makeFile(fixture.folder.dir, 'shot.jpg', 1000);
    const tab = await fixture.app.signIn(user);
    const button = tab.locator('label.camera');
    await button.waitFor({ state: 'hidden' });
    const devtools = await fixture.app.context.newCDPSession(tab);
    const metrics = { ...PHONE, deviceScaleFactor: 2, mobile: true };
    await devtools.send('Emulation.setDeviceMetricsOverride', metrics);
    await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    await button.waitFor();
    const [chooser] = await Promise.all([tab.waitForEvent('filechooser'), button.click()]);
    expect(chooser.isMultiple()).toBe(false);
    // These attributes open the camera of a phone instead of its files
    // (https://www.w3.org/TR/html-media-capture/).
    const input = tab.locator('#camera');
    expect([await input.getAttribute('accept'), await input.getAttribute('capture')]).toEqual([
      'image/*',
      'environment',
    ]);
    await chooser.setFiles(photo.path);
    await waitForRows(tab, 1, isCompleted);
    expect(arrived(user)).toEqual(['shot.jpg']);
  });

  it('keeps files added after a sign-in expired and uploads them after sign-in', async () => {
    const user = 'leaver';
    const file = await makeFile(fixture.folder.dir, 'meanwhile.bin', 2000);
    const tab = await fixture.app.signIn(user);
    await expireSignIn(fixture.server, tab);
    await queueFiles(tab, [file.path]);
    await tab.locator('toast-list').getByText('Files you add now stay on this device').waitFor();
    const link = fixture.server.signInLink(user);
    await signInByLink(tab, `${link}0`);
    await tab.getByText('This link has been used or isn’t valid. Ask for a new one.').waitFor();
    expect(fixture.server.batches.list(user)).toEqual([]);
    await signInByLink(tab, link);
    await waitForRows(tab, 1, isCompleted);
    expect(arrived(user)).toEqual(['meanwhile.bin']);
  });

  it('shows image thumbnails in the review and in the queue', async () => {
    const tab = await fixture.app.signIn('painter');
    const [red, broken] = [join(fixture.folder.dir, 'red.png'), join(fixture.folder.dir, 'broken.png')];
    const picture = new PNG({ width: 200, height: 100 });
    picture.data.fill(Buffer.from(RED));
    await writeFile(red, PNG.sync.write(picture));
    await writeFile(broken, 'no picture');
    await tab.locator('select[name=uploadType]').selectOption('images');
    await queueFiles(tab, [red, broken]);
    const small = (name: string) => tab.getByRole('img', { name });
    await until(async () => String(await small('red.png').evaluate(readMiddlePixel)) === String(RED), 'the picture');
    expect(await small('broken.png').evaluate(readMiddlePixel)).toEqual(TRANSPARENT);
    await tab.getByLabel('Task ID').fill('t-2');
    // An uploaded image has no staged copy left to draw.
    await fixture.app.context.setOffline(true);
    await tab.getByRole('button', { name: 'Upload 2 photos' }).click();
    await tab.getByRole('button', { name: 'Details' }).click();
    await until(
      async () => String(await small('red.png').evaluate(readMiddlePixel)) === String(RED),
      'the queued picture',
    );
    expect(await small('broken.png').evaluate(readMiddlePixel)).toEqual(TRANSPARENT);
    await fixture.app.context.setOffline(false);
    await waitForRows(tab, 1, isCompleted);
    expect(await small('red.png').evaluate(readMiddlePixel)).toEqual(RED);
  });
});

/** Reads the colour in the middle of the canvas. */
function readMiddlePixel(canvas: HTMLElement | SVGElement): number[] {
  const { width, height } = canvas as HTMLCanvasElement;
  const drawn = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(width / 2, height / 2, 1, 1);
  return Array.from(drawn?.data ?? []);
}

/** Creates three files in nested folders. */
async function createTree(parent: string): Promise<string> {
  const dir = join(parent, 'tree');
  await mkdir(join(dir, 'deep', 'deeper'), { recursive: true });
  for (const path of ['one.txt', 'deep/two.txt', 'deep/deeper/three.txt'])
    await writeFile(join(dir, path), `of ${path}`);
  return dir;
}

/** Drags files over the bottom right corner of the window, far from the input. */
async function drag(tab: Page, types: readonly ('dragEnter' | 'dragOver' | 'drop')[], files: string[]): Promise<void> {
  const devtools = await tab.context().newCDPSession(tab);
  await tab.setViewportSize(DESKTOP);
  const at = { x: DESKTOP.width - 20, y: DESKTOP.height - 20 };
  for (const type of types) {
    await devtools.send('Input.dispatchDragEvent', { type, ...at, data: { items: [], files, dragOperationsMask: 1 } });
  }
  await devtools.detach();
}

async function signInByLink(tab: Page, link: string): Promise<void> {
  await tab.getByLabel('Sign-in link').fill(link);
  await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Copies a picture to the clipboard. */
async function copyPicture(): Promise<void> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 20, height: 20 });
  canvas.getContext('2d')?.fillRect(5, 5, 10, 10);
  const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  if (picture) await navigator.clipboard.write([new ClipboardItem({ [picture.type]: picture })]);
}
