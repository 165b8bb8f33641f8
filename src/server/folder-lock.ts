import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Keeps a second server off the data folder: two would each believe they knew every session.
 *
 * @returns what gives the folder free again.
 * @throws Error with words for whoever started the second one.
 */
export async function holdFolder(dataDir: string): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, 'server.pid');
  const holder = Number(await readFile(path, 'utf8').catch(() => '0'));
  if (holder !== process.pid && isAlive(holder)) {
    throw new Error(
      `Another server (process ${holder}) uses the folder ${dataDir}. Stop it, or set DATA_DIR; if that process is no server, delete ${path}.`,
    );
  }
  await writeFile(path, String(process.pid));
  return () => rm(path, { force: true });
}

function isAlive(pid: number): boolean {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
