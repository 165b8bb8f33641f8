import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { GuestLink, GuestLinkStore } from '../guest-links.ts';
import { makeFolder, writeJson } from './atomic-fs.ts';
import type { DamagedFiles } from './damaged-files.ts';
import { DamagedError, readStored, VERSION } from './stored-json.ts';

const GUEST_LINKS = 'guest-links';
const NAME = /^([\w-]{1,100})\.json$/;

const stored = v.object({
  version: v.literal(VERSION),
  id: v.string(),
  ownerId: v.string(),
  name: v.string(),
  // Links of earlier servers have none.
  recipient: v.optional(v.string(), ''),
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

  /** Reads the links. Removes those that have expired, and sets damaged ones aside. */
  static async open(dataDir: string, damaged: DamagedFiles): Promise<FolderGuestLinks> {
    const folder = join(dataDir, GUEST_LINKS);
    await makeFolder(folder);
    const links: GuestLink[] = [];
    for (const file of await readdir(folder)) {
      const id = NAME.exec(file)?.[1];
      if (id === undefined) continue;
      const path = join(GUEST_LINKS, file);
      const link = await damaged.guard(path, () => readLink(join(dataDir, path), id), 'Create another guest link.');
      if (!link) continue;
      if (link.expiresAt > Date.now()) links.push(link);
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
    await writeJson(join(this.#folder, `${link.id}.json`), { version: VERSION, ...link });
    this.#links.set(link.id, link);
  }

  async remove(id: string): Promise<void> {
    if (!this.#links.delete(id)) return;
    await rm(join(this.#folder, `${id}.json`), { force: true });
  }
}

async function readLink(path: string, id: string): Promise<GuestLink | null> {
  const content = await readStored(path, stored);
  if (content && content.id !== id) throw new DamagedError('its id is that of another link');
  if (!content) return null;
  const { version: _, ...link } = content;
  return link;
}
