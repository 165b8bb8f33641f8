import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { GuestLink, GuestLinkStore } from '../guest-links.ts';
import { NO_LOG, type StoreLog } from '../store-log.ts';
import { makeFolder, readJson, writeJson } from './atomic-fs.ts';
import { setAside } from './set-aside.ts';

const GUEST_LINKS = 'guest-links';
const NAME = /^([\w-]{1,100})\.json$/;

const stored = v.object({
  version: v.literal(1),
  id: v.string(),
  ownerId: v.string(),
  name: v.string(),
  secretHash: v.string(),
  createdAt: v.number(),
  expiresAt: v.number(),
  maxFiles: v.number(),
  maxBytes: v.number(),
  claims: v.record(v.string(), v.object({ files: v.number(), bytes: v.number() })),
});

/** Guest links in the folder `guest-links`, a file each. */
export class FolderGuestLinks implements GuestLinkStore {
  readonly #folder: string;
  readonly #links: Map<string, GuestLink>;

  private constructor(folder: string, links: readonly GuestLink[]) {
    this.#folder = folder;
    this.#links = new Map(links.map((link) => [link.id, link]));
  }

  /**
   * Reads the links. Removes those that have expired, and sets damaged ones aside.
   *
   * @param log names the damaged files.
   */
  static async open(dataDir: string, log: StoreLog = NO_LOG): Promise<FolderGuestLinks> {
    const folder = join(dataDir, GUEST_LINKS);
    await makeFolder(folder);
    const links: GuestLink[] = [];
    for (const file of await readdir(folder)) {
      const id = NAME.exec(file)?.[1];
      if (id === undefined) continue;
      const link = await readLink(join(folder, file), id);
      if (!link) await setAside(dataDir, join(GUEST_LINKS, file), 'Create another guest link.', log);
      else if (link.expiresAt > Date.now()) links.push(link);
      else await rm(join(folder, file), { force: true });
    }
    return new FolderGuestLinks(folder, links);
  }

  async find(id: string): Promise<GuestLink | undefined> {
    return this.#links.get(id);
  }

  async list(ownerId: string): Promise<readonly GuestLink[]> {
    return [...this.#links.values()].filter((link) => link.ownerId === ownerId);
  }

  async save(link: GuestLink): Promise<void> {
    await writeJson(join(this.#folder, `${link.id}.json`), { version: 1, ...link });
    this.#links.set(link.id, link);
  }

  async remove(id: string): Promise<void> {
    if (!this.#links.delete(id)) return;
    await rm(join(this.#folder, `${id}.json`), { force: true });
  }
}

/** @returns null when the file is damaged. */
async function readLink(path: string, id: string): Promise<GuestLink | null> {
  const content = await readJson(path).catch((error: unknown) => {
    if (error instanceof SyntaxError) return null;
    throw error;
  });
  const parsed = v.safeParse(stored, content);
  if (!parsed.success || parsed.output.id !== id) return null;
  const { version: _, ...link } = parsed.output;
  return link;
}
