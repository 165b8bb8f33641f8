import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from '../../../../src/app/state/toasts.ts';

const TO_READ_MS = 8000;

describe('what is said in passing', () => {
  let toasts: Toasts;
  const texts = () => toasts.all.map(({ text }) => text);

  beforeEach(() => {
    vi.useFakeTimers();
    toasts = new Toasts();
    toasts.show({ text: 'first' });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('stays while somebody is at it, whatever is said meanwhile', () => {
    toasts.hold('focus');
    toasts.show({ text: 'second' });
    vi.advanceTimersByTime(TO_READ_MS);
    expect(texts()).toEqual(['first', 'second']);
    toasts.release('focus');
    vi.advanceTimersByTime(TO_READ_MS);
    expect(texts()).toEqual([]);
  });

  it('stays while the focus is on it, also when the pointer goes', () => {
    toasts.hold('focus');
    toasts.hold('pointer');
    toasts.release('pointer');
    vi.advanceTimersByTime(TO_READ_MS);
    expect(texts()).toEqual(['first']);
  });

  it('can all be undone in its time, also what is not shown for all that came after it', async () => {
    const undone: number[] = [];
    for (let n = 0; n < 5; n++) {
      const undo = async () => void undone.push(n);
      const commit = () => Promise.reject(new Error('It is not over yet.'));
      toasts.show({ text: `number ${n}`, undo, commit });
    }
    expect(texts()).toEqual(['number 2', 'number 3', 'number 4']);
    while (toasts.undoLast());
    expect(undone).toEqual([4, 3, 2, 1, 0]);
    expect(texts()).toEqual(['first']);
  });

  it('goes although nobody told that the focus went with the last of it', () => {
    toasts.hold('focus');
    toasts.dismiss(0);
    toasts.show({ text: 'second' });
    vi.advanceTimersByTime(TO_READ_MS);
    expect(texts()).toEqual([]);
  });
});
