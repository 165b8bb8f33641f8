import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { UploadClient } from '../../../src/page/index.ts';
import { makeFile, type TestFile } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 256 * 1024;
/** A folder of 300 files of 0 to 30 kB, in three folders. */
const COUNT = 300;

describe('a batch of many files', () => {
  const fixture = withApp({ browser: 'own' });

  /** Creates a folder; each name is one of its paths. */
  async function makeTrip(name: string): Promise<Map<string, TestFile>> {
    const files = new Map<string, TestFile>();
    for (let n = 0; n < COUNT; n++) {
      const dir = join(name, `day ${n % 3}`);
      await mkdir(join(fixture.folder.dir, dir), { recursive: true });
      const file = await makeFile(join(fixture.folder.dir, dir), `${n}.jpg`, n === 7 ? 0 : 100 * n, n);
      files.set(join(dir, file.name), file);
    }
    return files;
  }

  async function queueFolder(tab: Page, name: string): Promise<void> {
    await tab.locator('select[name=uploadType]').selectOption('images');
    await tab.getByLabel('Task ID').fill('task 7');
    await tab.locator('#folder').setInputFiles(join(fixture.folder.dir, name));
    await tab.getByRole('button', { name: `Upload ${COUNT} photos` }).click();
  }

  /** Paths, sizes and digests of the files of the user's only batch. */
  async function readArrived(tab: Page, user: string): Promise<Map<string, unknown>> {
    const [batch] = fixture.server.batches.list(user);
    const arrived = new Map<string, unknown>();
    await until(async () => {
      const files = await tab.evaluate(listFiles, batch?.batchId ?? '');
      for (const { path, sizeBytes, sha256 } of files) arrived.set(path, { sizeBytes, sha256 });
      return files.length === COUNT && files.every(({ sha256 }) => sha256 !== null);
    }, 'all digests');
    return arrived;
  }

  const describeFiles = (files: ReadonlyMap<string, TestFile>) =>
    new Map(Array.from(files, ([path, { sizeBytes, sha256 }]) => [path, { sizeBytes, sha256 }]));

  it('delivers 300 files with paths and digests to a server that was unknown', async () => {
    const user = 'photographer';
    const files = await makeTrip('trip');
    const tab = await fixture.app.signIn(user);
    await queueFolder(tab, 'trip');
    await waitForRows(tab, 1, isCompleted);
    expect(await readArrived(tab, user)).toEqual(describeFiles(files));
    expect(fixture.server.batches.list(user)).toHaveLength(1);
    expect(fixture.server.acknowledgedChunks(user).length).toBeGreaterThan(0);
  });

  it('delivers 5,000 files from the disk with the same worker', async () => {
    const user = 'archivist';
    const dir = join(fixture.folder.dir, 'archive');
    await mkdir(dir);
    const paths = Array.from({ length: 5000 }, (_, n) => join(dir, `${n}.jpg`));
    await Promise.all(paths.map((path, n) => writeFile(path, new Uint8Array(10_000).fill(n))));
    const tab = await fixture.app.signIn(user);
    await tab.locator('select[name=uploadType]').selectOption('images');
    await tab.getByLabel('Task ID').fill('task 7');
    await queueFiles(tab, paths);
    await fixture.app.evaluateInWorker(() => void Object.assign(globalThis, { isMarked: true }));
    await tab.getByRole('button', { name: 'Upload 5,000 photos' }).click();
    await waitForRows(tab, 1, isCompleted);
    // Chromium 156 kills a worker that composes Blobs of stored ones.
    expect(await fixture.app.evaluateInWorker(() => 'isMarked' in globalThis)).toBe(true);
    const [batch] = fixture.server.batches.list(user);
    expect(batch?.files[0]?.sizeBytes).toBe(50_000_000);
  });

  it('lists files of a batch in its details without rendering all of them', async () => {
    const user = 'viewer';
    await makeTrip('view');
    const tab = await fixture.app.signIn(user);
    await queueFolder(tab, 'view');
    await waitForRows(tab, 1, isCompleted);
    await tab.getByRole('button', { name: 'Details' }).click();
    const list = tab.locator('file-list');
    await list.getByText('view/day ').first().waitFor();
    expect(await list.locator('li').count()).toBeLessThan(50);
    const scroll = list.locator('.scroll');
    await scroll.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await list.locator(`li[aria-posinset="${COUNT}"]`).getByText('view/day').waitFor();
    const [saved] = await Promise.all([
      tab.waitForEvent('download'),
      list.locator(`li[aria-posinset="${COUNT}"]`).getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(saved.suggestedFilename()).toMatch(/\.jpg$/);
  });

  it('continues staging when the same folder is chosen again', async () => {
    const user = 'returner';
    const files = await makeTrip('back');
    const tab = await fixture.app.signIn(user);
    // Holds staging back before its first piece, as long as the page lives.
    await tab.evaluate(() => void navigator.locks.request('store-pieces', () => new Promise(() => undefined)));
    await queueFolder(tab, 'back');
    await waitForRows(tab, 1, ({ status }) => status === 'staging');
    await tab.reload();
    await waitForRows(tab, 1, ({ status }) => status === 'waiting: file');
    await tab.locator('upload-row input[type=file]').setInputFiles(join(fixture.folder.dir, 'back'));
    await waitForRows(tab, 1, isCompleted);
    expect(await readArrived(tab, user)).toEqual(describeFiles(files));
  });

  it('resends no acknowledged chunk after it was interrupted in the middle', async () => {
    const user = 'killer';
    const files = await makeTrip('cut');
    const tab = await fixture.app.signIn(user, { chunkBytes: CHUNK });
    fixture.server.faults.before = ({ url }) =>
      url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 60 } : undefined;
    await queueFolder(tab, 'cut');
    await until(() => fixture.server.acknowledgedChunks(user).length >= 6, 'some chunks');
    const before = new Set(fixture.server.acknowledgedChunks(user));
    await fixture.app.killWorker(tab);
    await tab.reload();
    await waitForRows(tab, 1, isCompleted);
    const after = fixture.server.acknowledgedChunks(user).slice(before.size);
    expect(after.length).toBeGreaterThan(0);
    expect(after.filter((index) => before.has(index))).toEqual([]);
    expect(await readArrived(tab, user)).toEqual(describeFiles(files));
  });
});

/** Reads the files of a batch through the client of the app. Runs in a page of the app. */
async function listFiles(batchId: string) {
  const app = document.querySelector('upload-app') as unknown as { client: UploadClient };
  const files = await app.client.batches.listFiles(batchId, 0, 1000);
  return files.map(({ path, size_bytes: sizeBytes, sha256 }) => ({ path: path ?? '', sizeBytes, sha256 }));
}
