import type { MapColors } from '../queue/draw-chunk-map.ts';

const QUERIES = ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'];
const listeners = new Set<() => void>();
let known: MapColors | null = null;

for (const query of QUERIES) {
  matchMedia(query).addEventListener('change', () => {
    known = null;
    for (const listener of listeners) listener();
  });
}

/** Calls back when the page gets other colours, which a canvas does not follow by itself; returns the function that ends it. */
export function onColorChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The colours of a chunk map. Resolved, because a canvas takes a system colour's name for that of another scheme. */
export function getMapColors(): MapColors {
  known ??= resolveColors();
  return known;
}

function resolveColors(): MapColors {
  const probe = document.createElement('i');
  probe.style.setProperty('forced-color-adjust', 'none');
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const color = (name: string) => {
    probe.style.color = `var(--map-${name})`;
    return style.color;
  };
  const [unstaged, staged, handed] = [color('unstaged'), color('staged'), color('handed')];
  const [flight, retrying, done] = [color('flight'), color('retrying'), color('done')];
  probe.remove();
  return [unstaged, staged, handed, flight, retrying, done];
}
