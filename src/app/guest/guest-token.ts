/** The key of the token in localStorage: all tabs of this browser send for the same link. */
const KEY = 'guest-token';

/** User ids of guests start with this: their uploads are apart from those of users. */
const OWNER_PREFIX = 'guest:';

/** The token of the guest link that this browser sends files for; null in the app of a user. */
export function readGuestToken(): string | null {
  return localStorage.getItem(KEY);
}

export function storeGuestToken(token: string | null): void {
  if (token === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, token);
}

/** Calls back when another tab has started or ended to send for a guest link. */
export function onGuestTokenChange(listener: () => void, signal: AbortSignal): void {
  addEventListener('storage', ({ key }) => key === KEY && listener(), { signal });
}

/** The token in the URL of the page; null if the URL is no guest link. */
export function getLinkedGuestToken(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get('guest');
}

/** The URL that guests open. @param app the URL of the app. */
export function toGuestUrl(app: string, token: string): string {
  const url = new URL(app);
  url.hash = `guest=${token}`;
  return url.href;
}

/** The user id under which this browser keeps the uploads for a guest link. */
export function toGuestUserId(token: string): string {
  return `${OWNER_PREFIX}${token.split('.')[1] ?? ''}`;
}

/** Whether a user id is that of a guest. */
export function isGuestUserId(userId: string): boolean {
  return userId.startsWith(OWNER_PREFIX);
}
