const QUERIES = ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'];
const listeners = new Set<() => void>();

for (const query of QUERIES) {
  matchMedia(query).addEventListener('change', () => {
    for (const listener of listeners) listener();
  });
}

/** Calls back when the page gets other colours, which a canvas does not follow by itself; returns the function that ends it. */
export function onColors(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
