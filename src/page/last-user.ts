const KEY = 'uploader-last-user';

/** Who signed in last in this browser, so that a signed-out page knows whose queue it adds to; no token is kept here. */
export function lastUser(): string | null {
  return localStorage.getItem(KEY);
}

/** Remembers who signed in. */
export function rememberUser(userId: string): void {
  localStorage.setItem(KEY, userId);
}
