import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Folder, makeFile, tempFolder } from '../../fixtures/files.ts';
import { type ServerProcess, startServerProcess } from '../../fixtures/server-process.ts';
import { until } from '../../fixtures/test-server.ts';
import { isServerKnown } from '../../page-objects/browser-db.ts';
import { expectPromises } from '../../page-objects/promises.ts';
import { isCompleted, queueFiles, TestApp, waitForRows } from '../../page-objects/test-app.ts';

let folder: Folder;
let server: ServerProcess;
let app: TestApp;

beforeAll(async () => {
  folder = await tempFolder();
  server = await startServerProcess({ env: { DATA_DIR: `${folder.dir}/data` } });
  app = await TestApp.openShared({ url: () => server.url(), signInLink: () => server.link });
});

afterAll(async () => {
  await app?.close();
  await server?.stop();
  await folder?.remove();
});

it('says that the server is unreachable, and continues when it is back', async () => {
  const file = await makeFile(folder.dir, 'down.bin', 1_000_000);
  const tab = await app.signIn('owner');
  await until(() => isServerKnown(tab), 'the discovery of the server');
  const { port } = new URL(server.url());
  await server.stop();
  await queueFiles(tab, [file.path]);
  const unreachable = {
    state: expect.stringMatching(/^Server unreachable, retrying/),
    forecast: expect.stringMatching(/^Safe to close\. Retries for N min/),
    status: expect.stringMatching(/^Server unreachable, retrying/),
    banner: '',
  };
  await expectPromises(tab, unreachable);
  await tab.reload();
  await tab.locator('upload-row').waitFor();
  await expectPromises(tab, unreachable);
  await waitForRows(tab, 1, ({ status }) => status === 'waiting: backoff');
  await expectPromises(tab, unreachable);
  server = await startServerProcess({ env: { DATA_DIR: `${folder.dir}/data`, PORT: port } });
  await waitForRows(tab, 1, isCompleted);
});
