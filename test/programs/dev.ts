// Runs the app on the dev server of Vite and the API beside it: `npm run dev`. PORT is the port of
// the app, DEV_API_PORT the internal one of the API.
import { join } from 'node:path';
import { createServer as createVite } from 'vite';
import { parsePublicUrl } from '../../src/server/http/public-url.ts';
import { createServer } from '../../src/server/server.ts';
import { lockFolder } from '../../src/server/store/folder/folder-lock.ts';

const root = join(import.meta.dirname, '../..');
const dataDir = process.env.DATA_DIR ?? join(root, 'data');
const port = Number(process.env.PORT ?? 4173);
const apiPort = Number(process.env.DEV_API_PORT ?? 4174);

const release = await lockFolder(dataDir);
const publicUrl = process.env.PUBLIC_URL ? parsePublicUrl(process.env.PUBLIC_URL) : null;
const api = await createServer({ dataDir, publicUrl, logLevel: process.env.LOG_LEVEL ?? 'warn' });
await api.listen(apiPort, '127.0.0.1');

const vite = await createVite({
  configFile: join(root, 'vite.config.ts'),
  server: { port, strictPort: true, host: process.env.HOST ?? 'localhost' },
});
await vite.listen();

const link = new URL(api.signInLink());
if (publicUrl === null) link.port = String(port);
console.log(`Open this link to sign in (within 15 minutes): ${link}`);

const stop = async (): Promise<void> => {
  await vite.close();
  await api.close();
  await release();
  process.exit(0);
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
