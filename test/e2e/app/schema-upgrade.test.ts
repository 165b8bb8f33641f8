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

async function publishNextSchema(dir: string): Promise<void> {
  const assets = (await readdir(join(dir, 'assets'))).filter((name) => /^index-.*\.js$/.test(name));
  for (const path of [...assets.map((name) => join('assets', name)), 'sw.js']) {
    await writeFile(join(dir, path), NEXT_SCHEMA + (await readFile(join(dir, path), 'utf8')));
  }
}
