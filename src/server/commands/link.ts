import { createSignInLink } from '../admin.ts';
import { toSignInUrl } from '../auth/sign-in-links.ts';
import type { Config } from '../config.ts';
import { toListeningUrl } from '../http/public-url.ts';

/**
 * Prints a link that signs a user in, also while the server runs.
 *
 * @throws Error when no user is named or no link can be created.
 */
export async function link({ host, port, server }: Config, [userId, ...others]: readonly string[]): Promise<void> {
  if (userId === undefined || others.length > 0) throw new Error('Name one user: link USER.');
  const { publicUrl } = server;
  const base = publicUrl ? `${publicUrl.origin}${publicUrl.basePath}` : toListeningUrl(host, port);
  const { code, expiresAt } = await createSignInLink(server.dataDir, userId);
  console.log(`Open this link to sign in, before ${new Date(expiresAt).toISOString()}: ${toSignInUrl(base, code)}`);
}
