import { chown, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CreatedLink, isOver, SignInLinks } from './auth/sign-in-links.ts';
import { readFamilies } from './store/folder/auth-file.ts';
import { FolderSignInLinks, LINKS_FOLDER } from './store/folder/folder-sign-in-links.ts';

/** A user who has a device or an open sign-in link. Times are in ms since 1970. */
export interface UserSummary {
  readonly userId: string;
  readonly devices: number;
  /** Null while no device is signed in. */
  readonly lastUsedAt: number | null;
  readonly openLinks: number;
}

/**
 * Creates a sign-in link in a data folder, whose server may be running: it finds the link when
 * a browser opens it.
 *
 * @returns the code and its end, when the link is durable.
 * @throws Error when no user can have this id, or the folder is missing or cannot be written.
 */
export async function createSignInLink(dataDir: string, userId: string): Promise<Omit<CreatedLink, 'saved'>> {
  await stat(dataDir);
  const { code, expiresAt, saved } = new SignInLinks(new FolderSignInLinks(dataDir)).create(userId);
  await saved;
  if (process.getuid?.() === 0) await giveToOwner(dataDir);
  return { code, expiresAt };
}

/** Lists the users of a data folder, whose server may be running. */
export async function listUsers(dataDir: string): Promise<readonly UserSummary[]> {
  const devices = Object.values(await readFamilies(dataDir));
  const links = [...(await new FolderSignInLinks(dataDir).list()).values()];
  const open = links.filter((link) => link.redemption === null && !isOver(link));
  const userIds = new Set([...devices, ...open].map(({ userId }) => userId));
  return [...userIds].sort().map((userId) => {
    const times = devices.filter((device) => device.userId === userId).map(({ lastUsedAt }) => lastUsedAt);
    return {
      userId,
      devices: times.length,
      lastUsedAt: times.length > 0 ? Math.max(...times) : null,
      openLinks: open.filter((link) => link.userId === userId).length,
    };
  });
}

/** The server, which is not root, must be able to read and replace the files. */
async function giveToOwner(dataDir: string): Promise<void> {
  const { uid, gid } = await stat(dataDir);
  const folder = join(dataDir, LINKS_FOLDER);
  for (const path of [folder, ...(await readdir(folder)).map((name) => join(folder, name))]) {
    // The server may remove a file meanwhile.
    await chown(path, uid, gid).catch(() => undefined);
  }
}
