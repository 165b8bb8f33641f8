import type { Credentials, UploadClient } from '../../page/index.ts';
import { storeGuestToken, toGuestUserId } from './guest-token.ts';

type Client = Pick<UploadClient, 'setCredentials' | 'signOut'>;

/** The credentials of the guests of a link. */
export function toGuestCredentials(token: string): Credentials {
  return { userId: toGuestUserId(token), accessToken: token };
}

/**
 * Starts the app again for the guests of a link, or for users if the token is null: the two have
 * different endpoints. The uploads of the previous user stay in the database. Never resolves.
 */
export async function switchGuestMode(client: Client, token: string | null): Promise<never> {
  // First, so that the worker stops to send for the previous user. A guest leaves for good.
  await (token === null ? client.signOut() : client.setCredentials(null));
  storeGuestToken(token);
  location.reload();
  return new Promise(() => undefined);
}
