const QUERIES = ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'];
const listeners = new Set<() => void>();

for (const query of QUERIES) {
  matchMedia(query).addEventListener('change', () => {
    for (const listener of listeners) listener();
  });
}

/**
 * Calls the listener when the colours of the page change: a canvas has to be drawn again.
 * Listeners run in the order in which they were added.
 *
 * @returns a function that removes the listener.
 */
export function onColorChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
