import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Creates a folder that survives a power cut. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await sync(dirname(path));
}

/** Writes a file's content or a folder's entries to the disk. */
export async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a synced file its final name, durably. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await sync(dirname(to));
}

/**
 * Writes JSON so that a crash leaves either the old or the new file. One write per path at a time.
 */
export async function writeJson(path: string, value: unknown): Promise<void> {
  // The name is fixed, so that the next write replaces what a crash or a full disk left.
  const temp = `${path}.tmp`;
  await writeNewJson(temp, value);
  await renameDurably(temp, path);
}

/** Writes JSON to a file that nothing refers to yet. Its folder is not synced. */
export async function writeNewJson(path: string, value: unknown): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(value));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @returns the JSON in a file; null when there is no such file. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
}
