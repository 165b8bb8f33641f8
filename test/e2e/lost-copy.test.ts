import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, makeFile, tempFolder } from '../support/files.ts';
import { isCompleted, queue, rowsBecome, TestApp } from '../support/harness.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const MIB = 1024 * 1024;

describe('a copy that the browser has lost, although it still says how large it is,', () => {
  let server: TestServer;
  let app: TestApp;
  let profile: Folder;
  let folder: Folder;

  beforeAll(async () => {
    [profile, folder] = [await tempFolder(), await tempFolder()];
    server = await startServer();
    app = await TestApp.launch(server, profile);
    await app.meetServer();
  });

  afterEach(() => app.closeTabs());

  afterAll(async () => {
    await app?.close();
    await server?.close();
    await folder?.remove();
  });

  it.each([
    ['in chunks, with digests', 20, true],
    ['in chunks, without digests', 20, false],
    ['in one request', 1, true],
  ])('is asked for again when it is to be sent %s', async (user, mebibytes, digests) => {
    const file = await makeFile(folder.dir, `${user}.bin`, mebibytes * MIB);
    const tab = await app.signIn(user, { chunkBytes: 12 * MIB, digests });
    await app.context.setOffline(true);
    await queue(tab, [file.path]);
    await rowsBecome(tab, 1, (row) => row.staged);
    await loseCopies(profile);
    await app.context.setOffline(false);
    await rowsBecome(tab, 1, (row) => row.status === 'waiting: file' && !row.staged);
    await tab.locator('upload-row input[type=file]').setInputFiles(file.path);
    await rowsBecome(tab, 1, isCompleted);
    await server.batches.joined();
    expect(server.batches.list(user).map(({ files }) => files[0]?.sha256)).toEqual([file.sha256]);
  });
});

/** Removes the files in which Chromium keeps the Blobs of its databases. */
async function loseCopies({ dir }: Folder): Promise<void> {
  const files = await readdir(join(dir, 'Default', 'IndexedDB'), { recursive: true, withFileTypes: true });
  const blobs = files.filter((file) => file.isFile() && file.parentPath.includes('.indexeddb.blob'));
  expect(blobs).not.toEqual([]);
  for (const { name, parentPath } of blobs) await rm(join(parentPath, name));
}
