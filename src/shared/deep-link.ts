const PARAMETER = 'upload';

/** The address of the app at one of its uploads, for whoever opens it from outside. */
export function createDeepLink(appUrl: string, id: string): string {
  const url = new URL(appUrl);
  url.searchParams.set(PARAMETER, id);
  return url.href;
}

/** The id of the upload that an address leads to, or null. */
export function parseDeepLink(address: string): string | null {
  return new URL(address).searchParams.get(PARAMETER);
}
