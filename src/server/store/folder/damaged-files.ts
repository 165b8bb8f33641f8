import { dirname, join } from 'node:path';
import { newId } from '../../ids.ts';
import type { StoreLog } from '../store-log.ts';
import { makeFolder, renameDurably } from './atomic-fs.ts';
import { DamagedError } from './stored-json.ts';

const DAMAGED = 'damaged';

/** Sets files and folders aside that the store cannot use, so that they do not stop it. */
export class DamagedFiles {
  readonly #dataDir: string;
  readonly #log: StoreLog;

  constructor(dataDir: string, log: StoreLog) {
    this.#dataDir = dataDir;
    this.#log = log;
  }

  /**
   * Reads one entry of the data folder, and sets it aside when it is damaged.
   *
   * @param path relative to the data folder.
   * @param advice what the administrator should do.
   * @returns null for a damaged entry.
   */
  async guard<T>(path: string, read: () => Promise<T>, advice?: string): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      const reason = error.message;
      await this.setAside(path, reason, advice).catch(({ message: problem }: Error) => {
        const message = `${path} is damaged: ${reason}. It could not be moved: ${problem}.`;
        this.#log.error({ path, reason, problem }, message);
      });
      return null;
    }
  }

  /**
   * Moves an entry to `damaged/<id>`, below which it keeps its path, and names it in the log.
   *
   * @throws Error when it cannot be moved.
   */
  async setAside(path: string, reason: string, advice = ''): Promise<void> {
    const target = join(DAMAGED, newId(), path);
    await makeFolder(join(this.#dataDir, dirname(target)));
    await renameDurably(join(this.#dataDir, path), join(this.#dataDir, target));
    const message = `${path} is damaged: ${reason}. It was moved to ${target}. ${advice}`.trimEnd();
    this.#log.error({ path, target, reason }, message);
  }
}
