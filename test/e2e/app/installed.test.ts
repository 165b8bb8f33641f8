import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { withSiteCopy } from '../../fixtures/site-copy.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 256 * 1024;

describe('installed app', () => {
  const site = withSiteCopy();
  const fixture = withApp({ server: () => ({ staticDir: site.dir }), browser: 'own' });

  it('passes the installability checks of Chromium', async () => {
    const devtools = await fixture.app.context.newCDPSession(await fixture.app.signIn('installer'));
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    // The window of a test may count as incognito, which Chromium reports as the only error.
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
    const { errors } = await devtools.send('Page.getAppManifest');
    expect(errors).toEqual([]);
  });

  it('asks before it uploads files that the system opens with the app', async () => {
    const user = 'opener';
    const files = [
      await makeFile(fixture.folder.dir, 'one.zip', 100),
      await makeFile(fixture.folder.dir, 'two.zip', 200),
    ];
    const tab = await fixture.app.signIn(user);
    const manifestId = `${fixture.server.url()}/`;
    const devtools = await fixture.app.context.browser()?.newBrowserCDPSession();
    const launch = (paths: string[]) => devtools?.send('PWA.launchFilesInApp', { manifestId, files: paths });
    await devtools?.send('PWA.install', { manifestId, installUrlOrBundleUrl: manifestId });
    await launch(files.map(({ path }) => path));
    await tab.locator('add-review').getByText('one.zip').waitFor();
    expect(await fixture.app.uploads()).toEqual([]);
    await tab.getByRole('button', { name: 'Upload 2 files' }).click();
    await waitForRows(tab, 2, isCompleted);
    const arrived = fixture.server.batches.list(user).map((batch) => batch.files[0]?.name);
    expect(arrived.sort()).toEqual(['one.zip', 'two.zip']);
  });

  it('focuses the file input once when opened by its shortcut', async () => {
    const tab = await fixture.app.signIn('shortcutter');
    await tab.goto(`${fixture.server.url()}/?add`);
    await until(() => tab.evaluate(isFileInputFocused), 'the focus where files are chosen');
    expect(tab.url()).toBe(`${fixture.server.url()}/`);
  });

  it('offers a new version in every tab and reloads each on its own', async () => {
    const [one, two] = [await fixture.app.signIn('doubler'), await fixture.app.openTab()];
    const reload = (tab: Page) => tab.getByRole('button', { name: 'Reload', exact: true });
    await publishVersion(one, '// the first new version');
    await reload(two).waitFor();
    await two.getByRole('button', { name: 'Sign out' }).click();
    await two.getByLabel('Sign-in link').fill(await fixture.server.signInLink('doubler'));
    await two.getByRole('button', { name: 'Sign in', exact: true }).click();
    for (const tab of [one, two]) await tab.evaluate(() => Object.assign(window, { isOldPage: true }));
    await reload(one).click();
    await until(async () => !(await isOldPage(one)), 'the page of the new version');
    // A reload would lose files in review.
    const { path } = await makeFile(fixture.folder.dir, 'photo.jpg', 100);
    await two.locator('select[name=uploadType]').selectOption('images');
    await queueFiles(two, [path]);
    await two.getByRole('button', { name: 'Update after uploads' }).click();
    await two.getByText('Updates when uploads finish.').waitFor();
    await two.locator('select[name=uploadType]').selectOption('file');
    expect(await isOldPage(two)).toBe(true);
    await two.locator('add-review').getByRole('button', { name: 'Cancel' }).click();
    await until(async () => !(await isOldPage(two)), 'the page of the new version in the other tab');
    // A tab that closes while it loads may never report that it closed.
    for (const tab of [one, two]) await tab.getByRole('button', { name: 'Sign out' }).waitFor();
  });

  it('reloads into a new version only when nothing is uploading', async () => {
    const user = 'updater';
    const file = await makeFile(fixture.folder.dir, 'updated.bin', 20 * CHUNK);
    await fixture.app.discoverServer({ chunkBytes: CHUNK });
    const tab = await fixture.app.signIn(user, { chunkBytes: CHUNK });
    fixture.server.faults.before = ({ url }) =>
      url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 100 } : undefined;
    await queueFiles(tab, [file.path]);
    await until(() => fixture.server.acknowledgedChunks(user).length > 3, 'some chunks');
    await fixture.server.holdChunks();
    await tab.evaluate(() => Object.assign(window, { isOldPage: true }));
    await publishVersion(tab, MARKS_OPENED_DATABASE);
    await tab.getByRole('button', { name: 'Update after uploads' }).click();
    await tab.getByText('Updates when uploads finish.').waitFor();
    expect(await isOldPage(tab)).toBe(true);
    // The new version would take the database from the version that is sending.
    expect(await tab.evaluate(() => caches.has('opened'))).toBe(false);
    fixture.server.releaseChunks();
    await until(async () => !(await isOldPage(tab)), 'the page of the new version');
    await waitForRows(tab, 1, isCompleted);
    await until(() => tab.evaluate(() => caches.has('opened')), 'the database opened by the new version');
    expect([...fixture.server.acknowledgedChunks(user)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
    expect(fixture.server.batches.list(user)).toHaveLength(1);
  });

  /** Prepends text to the script of the worker and makes the tab check for an update. */
  async function publishVersion(tab: Page, first: string): Promise<void> {
    const script = join(site.dir, 'sw.js');
    await writeFile(script, `${first}\n${await readFile(script, 'utf8')}`);
    await tab.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
  }
});

/**
 * Prepended to the script of a worker, this makes another version, which leaves a mark when it
 * opens the database.
 */
const MARKS_OPENED_DATABASE = `const opens = indexedDB.open.bind(indexedDB);
indexedDB.open = (...of) => {
  if (of[0] === 'parallel-chunk-uploader') caches.open('opened');
  return opens(...of);
};`;

/** Whether the tab still shows the marked page. A page that is loading does not count. */
function isOldPage(tab: Page): Promise<boolean> {
  return tab.evaluate(() => 'isOldPage' in window).catch(() => false);
}

function isFileInputFocused(): boolean {
  const add = document.querySelector('upload-app')?.shadowRoot?.activeElement;
  return add?.shadowRoot?.activeElement?.id === 'files';
}
