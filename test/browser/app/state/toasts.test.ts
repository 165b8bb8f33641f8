import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from '../../../../src/app/state/toasts.ts';

const TOAST_MS = 8000;

describe('Toasts', () => {
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

  it('keeps a focused toast while others are shown', () => {
    toasts.hold('focus');
    toasts.show({ text: 'second' });
    vi.advanceTimersByTime(TOAST_MS);
    expect(texts()).toEqual(['first', 'second']);
    toasts.release('focus');
    vi.advanceTimersByTime(TOAST_MS);
    expect(texts()).toEqual([]);
  });

  it('keeps a focused toast when the pointer leaves', () => {
    toasts.hold('focus');
    toasts.hold('pointer');
    toasts.release('pointer');
    vi.advanceTimersByTime(TOAST_MS);
    expect(texts()).toEqual(['first']);
  });

  it('undoes all toasts in time, also those no longer shown', async () => {
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

  it('expires although no event reported the end of the focus', () => {
    toasts.hold('focus');
    toasts.dismiss(0);
    toasts.show({ text: 'second' });
    vi.advanceTimersByTime(TOAST_MS);
    expect(texts()).toEqual([]);
  });
});
