import { isGuestUserId } from '../guest/guest-token.ts';
import { strings } from '../i18n/catalogue.ts';
import { readProviderSession } from './provider-session.ts';

/** The name of a user at the identity provider, else the user id. */
export function getDisplayName(userId: string): string {
  if (isGuestUserId(userId)) return strings().account.guest;
  const session = readProviderSession();
  return session?.userId === userId && session.name ? session.name : userId;
}
