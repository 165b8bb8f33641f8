import { describe, expect, it } from 'vitest';
import { MAX_SYNC_REGISTRATIONS, SYNC_SPACING_MS, SYNC_STAGGER_MS } from '../../../../src/shared/worker-lifetime.ts';
import { SyncRegistrations } from '../../../../sw/background/sync-registrations.ts';

/** The browser's side: keeps what is registered, and refuses while no window is open. */
class Browser {
  hasWindow = true;
  readonly registered: string[] = [];

  register = async (tag: string) => {
    if (!this.hasWindow)
      throw new DOMException('Attempted to register a sync event without a window', 'InvalidAccessError');
    if (!this.registered.includes(tag)) this.registered.push(tag);
  };
  getTags = async () => [...this.registered];
}

function anAlarmClock() {
  const browser = new Browser();
  return { browser, alarms: new SyncRegistrations({ sync: browser } as unknown as ServiceWorkerRegistration) };
}

describe('alarms', () => {
  it('are registered one after another, never two at once', async () => {
    const { browser, alarms } = anAlarmClock();
    const counts: number[] = [];
    for (let now = 0; now <= 4 * SYNC_STAGGER_MS; now += SYNC_STAGGER_MS / 2) {
      await alarms.register(now);
      counts.push(browser.registered.length);
    }
    expect(counts).toEqual([
      1,
      1,
      2,
      2,
      MAX_SYNC_REGISTRATIONS,
      MAX_SYNC_REGISTRATIONS,
      MAX_SYNC_REGISTRATIONS,
      MAX_SYNC_REGISTRATIONS,
      MAX_SYNC_REGISTRATIONS,
    ]);
    expect(browser.registered.every((tag) => alarms.owns(tag))).toBe(true);
    expect(alarms.owns('somebody else’s')).toBe(false);
  });

  it('begin anew at once when none is left, however lately one was registered', async () => {
    const { browser, alarms } = anAlarmClock();
    await alarms.register(0);
    browser.registered.length = 0;
    expect(await alarms.register(1)).toBe(true);
    expect(browser.registered).toHaveLength(1);
  });

  it('say whether this wake registered one, because only that lets a sync event end well with work left', async () => {
    const { browser, alarms } = anAlarmClock();
    expect(await alarms.register(0)).toBe(true);
    expect(await alarms.register(1)).toBe(false);
    const [fired] = browser.registered;
    expect(await alarms.register(2, fired)).toBe(true);
    browser.hasWindow = false;
    expect(await alarms.register(3, fired)).toBe(false);
    expect(await alarms.register(SYNC_STAGGER_MS)).toBe(false);
  });

  it('for the return of the link are not the ones that wait for another attempt', async () => {
    const { browser, alarms } = anAlarmClock();
    await alarms.register(0);
    await alarms.registerForReconnect();
    await alarms.registerForReconnect();
    expect(browser.registered).toHaveLength(2);
    expect(browser.registered.every((tag) => alarms.owns(tag))).toBe(true);
    // It is one more, not one of those that are staggered.
    for (let n = 1; n <= MAX_SYNC_REGISTRATIONS; n++) await alarms.register(n * SYNC_STAGGER_MS);
    expect(browser.registered).toHaveLength(MAX_SYNC_REGISTRATIONS + 1);
    browser.hasWindow = false;
    await alarms.registerForReconnect();
    await new SyncRegistrations({} as ServiceWorkerRegistration).registerForReconnect();
  });

  it('are none where the engine has no Background Sync', async () => {
    expect(await new SyncRegistrations({} as ServiceWorkerRegistration).register(0)).toBe(false);
  });

  it('that add nothing are given up at once, and those after them so that they do not fire together again', () => {
    const { alarms } = anAlarmClock();
    expect([100, 200, 300].map((now) => alarms.nextRejectAt(now) - 100)).toEqual([
      0,
      SYNC_SPACING_MS,
      2 * SYNC_SPACING_MS,
    ]);
    const later = 10 * SYNC_SPACING_MS;
    expect(alarms.nextRejectAt(later)).toBe(later);
  });
});
