const WITHOUT_WORDS = ['file', 'checkbox'];

/** Whether an event is meant for a field that takes words: keys and pastes are its own there. */
export function isTextFieldEvent(event: Event): boolean {
  const takesWords = (target: EventTarget) =>
    target instanceof HTMLInputElement && !WITHOUT_WORDS.includes(target.type);
  return event.composedPath().some(takesWords);
}
