/** The type of a dragged row. No other page or program accepts it. */
export const ROW_MEDIA_TYPE = 'application/x-upload-row';

export function isOverUpperHalf(event: DragEvent, row: Element): boolean {
  const { top, height } = row.getBoundingClientRect();
  return event.clientY < top + height / 2;
}

/**
 * Keeps the browser from opening a dropped file in place of the app, wherever it is dropped.
 */
export function preventFileNavigation(signal: AbortSignal): void {
  for (const type of ['dragover', 'drop'] as const) {
    addEventListener(type, (event) => hasFiles(event) && event.preventDefault(), { signal });
  }
}

/** Whether a drag carries files. Text that is dragged into a field is left to the browser. */
export function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
