const NON_TEXT_TYPES = ['file', 'checkbox'];

/** Whether an event targets a text field, which handles keys and pastes itself. */
export function isTextFieldEvent(event: Event): boolean {
  const isTextField = (target: EventTarget) =>
    target instanceof HTMLInputElement && !NON_TEXT_TYPES.includes(target.type);
  return event.composedPath().some(isTextField);
}
