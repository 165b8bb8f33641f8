import { listUsers } from '../admin.ts';
import type { Config } from '../config.ts';

/** Prints the users who have a device or an open sign-in link, also while the server runs. */
export async function users({ server: { dataDir } }: Config): Promise<void> {
  const list = await listUsers(dataDir);
  if (list.length === 0) console.log('No user has signed in. Create a link: link USER.');
  for (const { userId, devices, lastUsedAt, openLinks } of list) {
    const lastUse = lastUsedAt === null ? 'never' : new Date(lastUsedAt).toISOString();
    console.log([userId, `devices: ${devices}`, `last used: ${lastUse}`, `open links: ${openLinks}`].join('\t'));
  }
}
