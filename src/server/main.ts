import { readConfig } from './config.ts';
import { createServer } from './server.ts';
import { lockFolder } from './store/folder/folder-lock.ts';

/** Enough for a chunk that has almost arrived. */
const GRACE_MS = 8000;

try {
  const { host, port, server: options, warnings } = readConfig(process.env);
  for (const warning of warnings) console.error(warning);
  const release = await lockFolder(options.dataDir);
  const server = await createServer(options);
  await server.listen(port, host);
  console.log(options.provider ? server.url() : `Open this link to sign in (it works once): ${server.signInLink()}`);
  const stop = async () => {
    await server.close(GRACE_MS);
    await release();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
