import { beforeEach, describe, expect, it } from 'vitest';
import { AutoStart } from '../../../../src/page/background-fetch/auto-start.ts';

const RETRY_MS = 60_000;

describe('AutoStart', () => {
  let page: EventTarget;
  let autoStart: AutoStart;

  beforeEach(() => {
    page = new EventTarget();
    autoStart = new AutoStart(page);
  });

  const click = () => page.dispatchEvent(new Event('pointerdown'));

  it('tries each upload once, and uploads that come later', () => {
    expect(autoStart.isDue(['a', 'b'], 0)).toBe(true);
    autoStart.recordTry(['a', 'b'], new Set(), 0);
    expect(autoStart.isDue(['a', 'b'], RETRY_MS)).toBe(false);
    expect(autoStart.isDue(['b', 'c'], RETRY_MS)).toBe(true);
    expect(autoStart.isDue([], RETRY_MS)).toBe(false);
  });

  it('retries a refused upload a minute later, after user input', () => {
    autoStart.recordTry(['a'], new Set(['a']), 0);
    expect(autoStart.isDue(['a'], RETRY_MS)).toBe(false);
    click();
    expect(autoStart.isDue(['a'], RETRY_MS - 1)).toBe(false);
    expect(autoStart.isDue(['a'], RETRY_MS)).toBe(true);
  });

  it('gives up after three tries', () => {
    let tries = 0;
    for (let now = 0; now < 10 * RETRY_MS; now += RETRY_MS) {
      if (autoStart.isDue(['a'], now)) tries++;
      autoStart.recordTry(['a'], new Set(['a']), now);
      click();
    }
    expect(tries).toBe(3);
  });
});
