import * as v from 'valibot';
import { readJson } from './atomic-fs.ts';

/** The version of every format that the store writes. */
export const VERSION = 1;

/** The version of a stored object. Missing in files of earlier servers, whose formats are read. */
export const versionEntry = { version: v.optional(v.literal(VERSION)) };

/** Stored data that cannot be used. Other uploads do not depend on it. */
export class DamagedError extends Error {}

/**
 * Reads a stored object.
 *
 * @returns null when there is no such file.
 * @throws DamagedError when the content is not what the store writes; Error when a newer server
 *   wrote it: going on would lose what the older one does not know.
 */
export async function readStored<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<T | null> {
  const json = await readJson(path).catch((error: unknown) => {
    throw isUnreadable(error) ? new DamagedError((error as Error).message) : error;
  });
  if (json === null) return null;
  const { version } = json as { version?: unknown };
  if (Number.isInteger(version) && Number(version) > VERSION) {
    throw new Error(`${path} has version ${version}, of a newer server. Start that server, or restore a backup.`);
  }
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  throw new DamagedError(`its content is not valid (${v.getDotPath(result.issues[0]) ?? 'not an object'})`);
}

/** Whether the trouble is that of one file. A full table of open files concerns all. */
function isUnreadable(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return error instanceof SyntaxError || ['EACCES', 'EIO', 'EISDIR', 'ELOOP', 'ENOTDIR', 'EPERM'].includes(code);
}
