import { onColorChange } from '../ui/color-scheme.ts';
import type { MapColors } from './draw-chunk-map.ts';

let cache: MapColors | null = null;

// Added when the module loads, before the listeners of the maps, which then read the new colours.
onColorChange(() => {
  cache = null;
});

/**
 * The resolved colours of a chunk map. In a canvas the name of a system colour may mean the colour
 * of another scheme.
 */
export function getMapColors(): MapColors {
  cache ??= resolveColors();
  return cache;
}

function resolveColors(): MapColors {
  const probe = document.createElement('i');
  probe.style.setProperty('forced-color-adjust', 'none');
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const resolve = (name: string) => {
    probe.style.color = `var(--map-${name})`;
    return style.color;
  };
  const colors: MapColors = [
    resolve('unstaged'),
    resolve('staged'),
    resolve('background-fetch'),
    resolve('in-flight'),
    resolve('retrying'),
    resolve('acknowledged'),
  ];
  probe.remove();
  return colors;
}
