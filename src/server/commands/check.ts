import { existsSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { lockFolder } from '../store/folder/folder-lock.ts';

const GIB = 1024 ** 3;

/**
 * Reports whether the server could start with this configuration, without starting it.
 *
 * @throws Error when it could not.
 */
export async function check({ server: { dataDir, staticDir = '' }, warnings }: Config): Promise<void> {
  for (const warning of warnings) console.log(warning);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  // The lock writes to the folder, and fails while a server uses it.
  const release = await lockFolder(dataDir);
  await release();
  const { bavail, bsize } = await statfs(dataDir);
  console.log(`The folder ${dataDir} can be used, with ${((bavail * bsize) / GIB).toFixed(1)} GiB free.`);
  if (!existsSync(join(staticDir, 'index.html'))) console.log('The app is not built: only the API would be served.');
  console.log('The configuration is valid.');
}
