import { beforeEach, describe, expect, it } from 'vitest';
import { AutoStart } from '../../../../src/page/background-fetch/auto-start.ts';

const LATER_MS = 60_000;

describe('what is handed over unasked', () => {
  let page: EventTarget;
  let unasked: AutoStart;

  beforeEach(() => {
    page = new EventTarget();
    unasked = new AutoStart(page);
  });

  const click = () => page.dispatchEvent(new Event('pointerdown'));

  it('is each upload once, and those that come later', () => {
    expect(unasked.isDue(['a', 'b'], 0)).toBe(true);
    unasked.recordTry(['a', 'b'], new Set(), 0);
    expect(unasked.isDue(['a', 'b'], LATER_MS)).toBe(false);
    expect(unasked.isDue(['b', 'c'], LATER_MS)).toBe(true);
    expect(unasked.isDue([], LATER_MS)).toBe(false);
  });

  it('is tried again a while after it was refused, once somebody has used the page', () => {
    unasked.recordTry(['a'], new Set(['a']), 0);
    expect(unasked.isDue(['a'], LATER_MS)).toBe(false);
    click();
    expect(unasked.isDue(['a'], LATER_MS - 1)).toBe(false);
    expect(unasked.isDue(['a'], LATER_MS)).toBe(true);
  });

  it('is not tried for ever', () => {
    let tries = 0;
    for (let now = 0; now < 10 * LATER_MS; now += LATER_MS) {
      if (unasked.isDue(['a'], now)) tries++;
      unasked.recordTry(['a'], new Set(['a']), now);
      click();
    }
    expect(tries).toBe(3);
  });
});
