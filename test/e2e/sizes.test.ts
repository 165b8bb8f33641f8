import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, makeFile, tempFolder } from '../support/files.ts';
import { isCompleted, queue, rowsBecome, TestApp } from '../support/harness.ts';
import { downloadedSha256, startServer, type TestServer } from '../support/test-server.ts';

const LIMIT = 104_857_600;

describe('every size arrives byte for byte, as exactly one batch', () => {
  let server: TestServer;
  let app: TestApp;
  let folder: Folder;

  beforeAll(async () => {
    folder = await tempFolder();
    server = await startServer();
    app = await TestApp.launch(server);
  });

  afterEach(() => app.closeTabs());

  afterAll(async () => {
    await app?.close();
    await server?.close();
    await folder?.remove();
  });

  it.each([0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 350 * 1024 * 1024])('%i bytes', async (sizeBytes) => {
    const user = `user of ${sizeBytes}`;
    const file = await makeFile(folder.dir, `${sizeBytes}.bin`, sizeBytes);
    const tab = await app.signIn(user);
    await queue(tab, [file.path]);
    await rowsBecome(tab, 1, isCompleted);
    const batches = server.batches.list(user);
    expect(batches.map(({ files }) => files.map(({ name, sizeBytes: bytes }) => [name, bytes]))).toEqual([
      [[file.name, sizeBytes]],
    ]);
    const token = await server.issueToken(user);
    expect(await downloadedSha256(`${server.url()}/api`, token, batches[0]?.batchId ?? '')).toBe(file.sha256);
  });

  it('40 images are one batch of 40 files, once they have a task', async () => {
    const user = 'photographer';
    const files = [];
    for (let i = 0; i < 40; i++) files.push(await makeFile(folder.dir, `photo ${i}.jpg`, 10_000 + i));
    const paths = files.map(({ path }) => path);
    const tab = await app.signIn(user);
    await tab.locator('select[name=uploadType]').selectOption('images');
    await queue(tab, paths);
    await tab.getByRole('alert').getByText('Task ID required').waitFor();
    await tab.locator('input[name=taskId]').fill('task 7');
    await tab.locator('input[name=profileId]').fill('0');
    await tab.getByRole('button', { name: 'Add 40 images as one batch' }).click();
    await rowsBecome(tab, 1, isCompleted);
    const [batch, ...others] = server.batches.list(user);
    expect(others).toEqual([]);
    expect(batch).toMatchObject({ taskId: 'task 7', profileId: 0, notes: null, uploadType: 'images' });
    const arrived = batch?.files.map(({ name, sha256 }) => [name, sha256]);
    expect(arrived).toEqual(files.map(({ name, sha256 }) => [name, sha256]));
  });
});
