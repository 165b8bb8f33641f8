import type { UploadRow } from './upload-row.ts';

/** The effect of a key in the list. */
export type RowCommand =
  | { readonly kind: 'go'; readonly to: number }
  | { readonly kind: 'move'; readonly by: number }
  | { readonly kind: 'open' | 'pause' | 'remove' };

const PAGE_ROWS = 8;

/**
 * The command of a key on a row; null for other keys, and for those that a button or a field inside
 * handles.
 */
export function toRowCommand(event: KeyboardEvent, current: number, count: number): RowCommand | null {
  const isOnRow = event.target instanceof HTMLElement && event.target.matches('[data-index]');
  if (event.ctrlKey || event.metaKey || !isOnRow) return null;
  const go = (to: number): RowCommand => ({ kind: 'go', to: Math.max(0, Math.min(count - 1, to)) });
  switch (event.key) {
    case 'ArrowDown':
      return event.altKey ? { kind: 'move', by: 1 } : go(current + 1);
    case 'ArrowUp':
      return event.altKey ? { kind: 'move', by: -1 } : go(current - 1);
    case 'Home':
      return event.altKey ? { kind: 'move', by: -count } : go(0);
    case 'End':
      return event.altKey ? { kind: 'move', by: count } : go(count - 1);
    case 'PageDown':
      return go(current + PAGE_ROWS);
    case 'PageUp':
      return go(current - PAGE_ROWS);
    case 'Enter':
      return { kind: 'open' };
    case ' ':
      return { kind: 'pause' };
    case 'Delete':
      return { kind: 'remove' };
    default:
      return null;
  }
}

/** Does what the button of the row does. */
export function runRowCommand(row: UploadRow, kind: 'open' | 'pause' | 'remove'): void {
  if (kind === 'open') row.toggle();
  else if (kind === 'pause') void row.pauseOrResume();
  else void row.cancelOrRemove();
}
