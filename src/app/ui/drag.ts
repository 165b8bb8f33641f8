/** The kind of what is dragged when a row is: nothing that another page or program would take. */
export const ROW_MEDIA_TYPE = 'application/x-upload-row';

/** Whether a drag is over the upper half of a row. */
export function isOverUpperHalf(event: DragEvent, row: Element): boolean {
  const { top, height } = row.getBoundingClientRect();
  return event.clientY < top + height / 2;
}

/** Whether a drag brings files from outside; text that is dragged into a field is none of our business. */
export function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
