const PARAMETER = 'upload';

/** The URL that opens the app at one upload. */
export function createDeepLink(appUrl: string, id: string): string {
  const url = new URL(appUrl);
  url.searchParams.set(PARAMETER, id);
  return url.href;
}

/** The id of the upload that a URL opens, or null. */
export function parseDeepLink(url: string): string | null {
  return new URL(url).searchParams.get(PARAMETER);
}
