import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder that a power cut does not take away again. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await sync(dirname(path));
}

/** Makes a file that is written and closed durable under its name: fsync, rename, fsync of the directory. */
export async function commitFile(temp: string, path: string): Promise<void> {
  await sync(temp);
  await rename(temp, path);
  await sync(dirname(path));
}

/** Writes JSON so that a crash leaves either the old or the new file; one write of a path at a time. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  // Always the same name, so that what a crash or a full disk leaves is overwritten by the next write.
  const temp = `${path}.tmp`;
  const file = await open(temp, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(value));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temp, path);
  await sync(dirname(path));
}

/** The JSON in a file; null when there is no such file. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
