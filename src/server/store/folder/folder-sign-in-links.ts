import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { SignInLink, SignInLinkStore } from '../sign-in-links.ts';
import { NO_LOG, type StoreLog } from '../store-log.ts';
import { makeFolder, readJson, writeJson } from './atomic-fs.ts';
import { setAside } from './set-aside.ts';

/** The name of the folder within the data folder. */
export const LINKS_FOLDER = 'links';
const NAME = /^([0-9a-f]{64})\.json$/;

const stored = v.object({
  version: v.literal(1),
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
  readonly #log: StoreLog;

  /** @param log names the damaged files that are set aside. */
  constructor(dataDir: string, log: StoreLog = NO_LOG) {
    this.#dataDir = dataDir;
    this.#log = log;
  }

  async save(codeHash: string, link: SignInLink): Promise<void> {
    await makeFolder(join(this.#dataDir, LINKS_FOLDER));
    await writeJson(join(this.#dataDir, toPath(codeHash)), { version: 1, ...link });
  }

  async find(codeHash: string): Promise<SignInLink | null> {
    const content = await readJson(join(this.#dataDir, toPath(codeHash))).catch((error: unknown) => {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    });
    if (content === null) return null;
    const parsed = v.safeParse(stored, content);
    if (!parsed.success) {
      await setAside(this.#dataDir, toPath(codeHash), 'Create another sign-in link.', this.#log);
      return null;
    }
    const { version: _, ...link } = parsed.output;
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
