import { describe, expect, it } from 'vitest';
import { MAX_SYNC_REGISTRATIONS, SYNC_SPACING_MS, SYNC_STAGGER_MS } from '../../../../src/shared/worker-lifetime.ts';
import { SyncRegistrations } from '../../../../sw/background/sync-registrations.ts';

/** The manager's SyncManager; refuses to register without an open window, like Chromium. */
class FakeSyncManager {
  hasWindow = true;
  readonly registered: string[] = [];

  register = async (tag: string) => {
    if (!this.hasWindow)
      throw new DOMException('Attempted to register a sync event without a window', 'InvalidAccessError');
    if (!this.registered.includes(tag)) this.registered.push(tag);
  };
  getTags = async () => [...this.registered];
}

function createRegistrations() {
  const manager = new FakeSyncManager();
  return { manager, registrations: new SyncRegistrations({ sync: manager } as unknown as ServiceWorkerRegistration) };
}

describe('SyncRegistrations', () => {
  it('registers tags one after another, never two at once', async () => {
    const { manager, registrations } = createRegistrations();
    const counts: number[] = [];
    for (let now = 0; now <= 4 * SYNC_STAGGER_MS; now += SYNC_STAGGER_MS / 2) {
      await registrations.register(now);
      counts.push(manager.registered.length);
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
    expect(manager.registered.every((tag) => registrations.owns(tag))).toBe(true);
    expect(registrations.owns('another-tag')).toBe(false);
  });

  it('registers a tag immediately when none is left', async () => {
    const { manager, registrations } = createRegistrations();
    await registrations.register(0);
    manager.registered.length = 0;
    expect(await registrations.register(1)).toBe(true);
    expect(manager.registered).toHaveLength(1);
  });

  it('adds a tag immediately after a sync event, which may be rejected', async () => {
    const { manager, registrations } = createRegistrations();
    await registrations.register(0);
    registrations.onSyncEnd();
    expect(registrations.isMissing).toBe(true);
    expect(await registrations.register(1)).toBe(true);
    expect(manager.registered).toHaveLength(2);
    expect(await registrations.register(2)).toBe(false);
  });

  it('returns whether it registered a tag', async () => {
    const { manager, registrations } = createRegistrations();
    expect(await registrations.register(0)).toBe(true);
    expect(await registrations.register(1)).toBe(false);
    const [fired] = manager.registered;
    expect(await registrations.register(2, fired)).toBe(true);
    manager.hasWindow = false;
    expect(await registrations.register(3, fired)).toBe(false);
    expect(await registrations.register(SYNC_STAGGER_MS)).toBe(false);
  });

  it('registers a separate tag for the reconnect', async () => {
    const { manager, registrations } = createRegistrations();
    await registrations.register(0);
    await registrations.registerForReconnect();
    await registrations.registerForReconnect();
    expect(manager.registered).toHaveLength(2);
    expect(manager.registered.every((tag) => registrations.owns(tag))).toBe(true);
    // The reconnect tag is not one of the staggered tags.
    for (let n = 1; n <= MAX_SYNC_REGISTRATIONS; n++) await registrations.register(n * SYNC_STAGGER_MS);
    expect(manager.registered).toHaveLength(MAX_SYNC_REGISTRATIONS + 1);
    manager.hasWindow = false;
    await registrations.registerForReconnect();
    await new SyncRegistrations({} as ServiceWorkerRegistration).registerForReconnect();
  });

  it('answers the tags of an earlier version without renewing them', async () => {
    const { manager, registrations } = createRegistrations();
    for (let n = 0; n < MAX_SYNC_REGISTRATIONS; n++) await registrations.register(n * SYNC_STAGGER_MS);
    expect(registrations.owns('upload-alarm-0')).toBe(true);
    expect(await registrations.register(MAX_SYNC_REGISTRATIONS * SYNC_STAGGER_MS, 'upload-alarm-0')).toBe(false);
    expect(manager.registered).not.toContain('upload-alarm-0');
  });

  it('registers nothing without Background Sync', async () => {
    expect(await new SyncRegistrations({} as ServiceWorkerRegistration).register(0)).toBe(false);
  });

  it('rejects the first sync event immediately, and later ones 135 s apart', () => {
    const { registrations } = createRegistrations();
    expect([100, 200, 300].map((now) => registrations.nextRejectAt(now) - 100)).toEqual([
      0,
      SYNC_SPACING_MS,
      2 * SYNC_SPACING_MS,
    ]);
    const later = 10 * SYNC_SPACING_MS;
    expect(registrations.nextRejectAt(later)).toBe(later);
  });
});
