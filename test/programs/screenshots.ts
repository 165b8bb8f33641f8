// Takes the screenshots of the README and the manifest: `npm run screenshots`
import { join } from 'node:path';
import { makeFile, tempFolder } from '../fixtures/files.ts';
import { createUploadPerState, storeUploads } from '../fixtures/stored-uploads.ts';
import { startServer, until } from '../fixtures/test-server.ts';
import { DESKTOP, PHONE } from '../page-objects/app-page.ts';
import { queueFiles, TestApp, waitForRows } from '../page-objects/test-app.ts';

const PUBLIC = join(import.meta.dirname, '../../public');
const MIB = 1024 * 1024;
const USER = 'ada';

const server = await startServer();
const folder = await tempFolder();
const app = await TestApp.launch(server);
try {
  const settings = { chunkBytes: 2 * MIB };
  await app.discoverServer(settings);
  // Slow enough to show an upload in progress.
  server.faults.before = ({ url }) => (url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 600 } : undefined);
  const file = await makeFile(folder.dir, 'Drone flight 12.mp4', 160 * MIB);
  const tab = await app.signIn(USER, settings);
  await queueFiles(tab, [file.path]);
  await waitForRows(tab, 1, ({ staged }) => staged);
  await storeUploads(tab, createUploadPerState(USER));
  await until(() => server.acknowledgedChunks(USER).length > 40, 'half of it');
  for (const [name, size] of [
    ['wide', DESKTOP],
    ['narrow', PHONE],
  ] as const) {
    await tab.setViewportSize(size);
    await tab.getByLabel('Sort by').selectOption('newest');
    await tab.locator('upload-row').first().getByText('left').waitFor();
    if (size === PHONE)
      await tab.getByRole('heading', { name: 'uploaded' }).evaluate((heading) => heading.scrollIntoView());
    await tab.screenshot({ path: join(PUBLIC, `screenshot-${name}.png`) });
  }
} finally {
  await app.close();
  await server.close();
  await folder.remove();
}
