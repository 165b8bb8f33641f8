const QUERIES = ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'];

/** Calls back when the page gets other colours: a canvas does not follow them by itself. */
export function onColors(listener: () => void, signal: AbortSignal): void {
  for (const query of QUERIES) matchMedia(query).addEventListener('change', listener, { signal });
}
