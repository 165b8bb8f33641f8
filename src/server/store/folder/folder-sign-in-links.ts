import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { SignInLink, SignInLinkStore } from '../sign-in-links.ts';
import { NO_LOG } from '../store-log.ts';
import { makeFolder, writeJson } from './atomic-fs.ts';
import { DamagedFiles } from './damaged-files.ts';
import { readStored, VERSION } from './stored-json.ts';

/** The name of the folder within the data folder. */
export const LINKS_FOLDER = 'links';
const NAME = /^([0-9a-f]{64})\.json$/;

const stored = v.object({
  version: v.literal(VERSION),
  userId: v.string(),
  createdAt: v.number(),
  expiresAt: v.number(),
  redemption: v.nullable(v.object({ at: v.number(), familyId: v.string(), browserHash: v.nullable(v.string()) })),
});

/**
 * Sign-in links in the folder `links`, a file each: another process adds a link to a running server
 * by writing its file.
 */
export class FolderSignInLinks implements SignInLinkStore {
  readonly #dataDir: string;
  readonly #damaged: DamagedFiles;

  constructor(dataDir: string, damaged = new DamagedFiles(dataDir, NO_LOG)) {
    this.#dataDir = dataDir;
    this.#damaged = damaged;
  }

  async save(codeHash: string, link: SignInLink): Promise<void> {
    await makeFolder(join(this.#dataDir, LINKS_FOLDER));
    await writeJson(join(this.#dataDir, toPath(codeHash)), { version: VERSION, ...link });
  }

  async find(codeHash: string): Promise<SignInLink | null> {
    const path = toPath(codeHash);
    const read = () => readStored(join(this.#dataDir, path), stored);
    const content = await this.#damaged.guard(path, read, 'Create another sign-in link.');
    if (!content) return null;
    const { version: _, ...link } = content;
    return link;
  }

  async list(): Promise<ReadonlyMap<string, SignInLink>> {
    const names = await readdir(join(this.#dataDir, LINKS_FOLDER)).catch((error: unknown) => {
      if ((error as { code?: string }).code === 'ENOENT') return [];
      throw error;
    });
    const links = new Map<string, SignInLink>();
    for (const name of names) {
      const [, codeHash] = NAME.exec(name) ?? [];
      const link = codeHash === undefined ? null : await this.find(codeHash);
      if (codeHash !== undefined && link) links.set(codeHash, link);
    }
    return links;
  }

  async remove(codeHash: string): Promise<void> {
    await rm(join(this.#dataDir, toPath(codeHash)), { force: true });
  }
}

function toPath(codeHash: string): string {
  return join(LINKS_FOLDER, `${codeHash}.json`);
}
