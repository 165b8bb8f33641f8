import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { withSiteCopy } from '../../fixtures/site-copy.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 256 * 1024;
/** Prepended to the scripts of the app, this makes a version with the next database schema. */
const NEXT_SCHEMA = `const opens = indexedDB.open.bind(indexedDB);
indexedDB.open = (name, version) => opens(name, version === undefined ? version : version + (name === 'parallel-chunk-uploader'));
`;

describe('upgrade of the database', () => {
  const site = withSiteCopy();
  const fixture = withApp({ server: () => ({ staticDir: site.dir }), browser: 'own' });

  it('completes uploads after one of two tabs upgrades the database', async () => {
    const user = 'forcer';
    const file = await makeFile(fixture.folder.dir, 'forced.bin', 20 * CHUNK);
    await fixture.app.discoverServer({ chunkBytes: CHUNK });
    const tab = await fixture.app.signIn(user, { chunkBytes: CHUNK });
    fixture.server.faults.before = ({ url }) =>
      url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 100 } : undefined;
    await queueFiles(tab, [file.path]);
    await until(() => fixture.server.acknowledgedChunks(user).length > 1, 'some chunks');
    await fixture.server.holdChunks();
    await publishNextSchema(site.dir);
    // Keeps the previous worker active.
    const other = await fixture.app.openTab();
    await other.locator('#files').waitFor();
    // Bypasses the worker, so that the new page upgrades the database under the previous worker.
    const devtools = await fixture.app.context.newCDPSession(tab);
    await Promise.all([tab.waitForEvent('load'), devtools.send('Page.reload', { ignoreCache: true })]);
    fixture.server.releaseChunks();
    await waitForRows(tab, 1, isCompleted);
    expect(fixture.server.batches.list(user).map(({ files }) => files[0]?.sizeBytes)).toEqual([file.sizeBytes]);
    // This page is of the new version already.
    expect(await tab.getByText('A new version is ready.').count()).toBe(0);
    await other.getByText('A newer version of this app').waitFor();
  });
});

describe('newer database behind an active worker', () => {
  const site = withSiteCopy();
  const fixture = withApp({ server: () => ({ staticDir: site.dir }), browser: 'own' });

  it('activates the waiting worker before it reloads a page', async () => {
    const tab = await fixture.app.signIn('reloader');
    const other = await fixture.app.openTab();
    await other.locator('#files').waitFor();
    await publishNextSchema(site.dir);
    // Another tab holds the new worker back.
    await tab.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
    await tab.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.waiting);
    const blank = await fixture.app.context.newPage();
    await blank.goto(`${fixture.server.url()}/icon.svg`);
    await blank.evaluate(upgradeDatabase);
    await tab.getByText('A newer version of this app').waitFor();
    await Promise.all([tab.waitForEvent('load'), tab.getByRole('button', { name: 'Reload' }).click()]);
    await tab.locator('#files').waitFor();
    expect(await tab.getByText('A newer version of this app').count()).toBe(0);
  });
});

/** Upgrades the database as a page of the next version does. Runs in a page of the origin. */
async function upgradeDatabase(): Promise<void> {
  const databases = await indexedDB.databases();
  const version = databases.find(({ name }) => name === 'parallel-chunk-uploader')?.version ?? 0;
  await new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open('parallel-chunk-uploader', version + 1);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      opening.result.close();
      resolve();
    };
  });
}

/** Publishes the next version under new names, because a worker keeps the files that it has. */
async function publishNextSchema(dir: string): Promise<void> {
  const assets = await readdir(join(dir, 'assets'));
  const main = assets.find((name) => /^index-.*\.js$/.test(name)) ?? '';
  const rename = (text: string) =>
    text
      .replaceAll(main, `next-${main}`)
      .replace(/"revision":"\w+","url":"index.html"/, '"revision":"next","url":"index.html"');
  const scripts = assets.filter((name) => name.endsWith('.js')).map((name) => join('assets', name));
  for (const path of [...scripts, 'sw.js', 'index.html']) {
    const text = rename(await readFile(join(dir, path), 'utf8'));
    const isStart = path === 'sw.js' || path === join('assets', main);
    await writeFile(join(dir, path.replace(main, `next-${main}`)), isStart ? NEXT_SCHEMA + text : text);
  }
}
