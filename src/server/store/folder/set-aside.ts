import { dirname, join } from 'node:path';
import { newId } from '../../ids.ts';
import type { StoreLog } from '../store-log.ts';
import { makeFolder, renameDurably } from './atomic-fs.ts';

/**
 * Moves a damaged file to `damaged/<id>`, below which it keeps its path, and names it in the log.
 *
 * @param path relative to the data folder.
 * @param advice what the administrator should do.
 */
export async function setAside(dataDir: string, path: string, advice: string, log: StoreLog): Promise<void> {
  const target = join('damaged', newId(), path);
  await makeFolder(join(dataDir, dirname(target)));
  await renameDurably(join(dataDir, path), join(dataDir, target));
  log.error({ path, target }, `${path} is damaged. It was moved to ${target}. ${advice}`);
}
