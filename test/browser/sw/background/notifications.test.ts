import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withState } from '../../../../src/shared/upload.ts';
import { Notifications } from '../../../../sw/background/notifications.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import { DriverFixture } from '../driver-fixture.ts';

describe('Notifications', () => {
  let fixture: DriverFixture;
  let notifications: Notifications;
  let openTabs: number;
  /** Called during the wait for a closing tab. */
  let duringWait: () => void;
  let shown: string[];
  /** The buttons of the last notification. */
  let buttonCount: number;
  /** The browser's `navigator.setAppBadge`. */
  let setAppBadge: () => Promise<void>;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
    openTabs = 0;
    duringWait = () => undefined;
    shown = [];
    setAppBadge = async () => undefined;
    notifications = new Notifications({
      db: fixture.db,
      tabs: { post: async () => undefined, count: async () => openTabs, hasVisible: async () => openTabs > 0 },
      clock: { ...realClock, sleep: async () => duringWait() },
      exclusive: (name, _signal, work) => navigator.locks.request(name, work),
      // This browser never lists the notifications that it shows.
      registration: {
        getNotifications: async () => [],
        showNotification: async (
          title: string,
          { body, actions }: NotificationOptions & { actions: readonly object[] },
        ) => {
          shown.push(`${title}: ${body}`);
          buttonCount = actions.length;
        },
      } as unknown as ServiceWorkerRegistration,
      navigator: { setAppBadge: () => setAppBadge() },
      isAllowed: () => true,
    });
  });

  afterEach(() => fixture.close());

  async function createFailed(code = 'refused'): Promise<string> {
    const id = await fixture.queueUpload();
    await fixture.db.update(id, (before) => withState(before, { status: 'failed', code, message: 'No.', failedAt: 0 }));
    return id;
  }

  async function notify(id: string): Promise<void> {
    notifications.onUploadChanged(id);
    await notifications.settled;
  }

  it('shows all results, although the browser lists no notification', async () => {
    for (const id of [await createFailed(), await createFailed()]) notifications.onUploadChanged(id);
    await notifications.settled;
    expect(shown.at(-1)).toBe('Uploads: Failed: 2');
  });

  it('shows a result that arrived while the last tab was closing', async () => {
    openTabs = 1;
    duringWait = () => {
      openTabs = 0;
    };
    await notify(await createFailed());
    expect(shown).toHaveLength(1);
  });

  it('shows nothing while a tab is open', async () => {
    openTabs = 1;
    await notify(await createFailed());
    expect(shown).toEqual([]);
  });

  it('leaves out results that were acknowledged or shown by a tab', async () => {
    const [first, second, third] = [await createFailed(), await createFailed(), await createFailed()];
    await notify(first);
    expect(await notifications.acknowledge()).toEqual([first]);
    await notify(second);
    openTabs = 1;
    notifications.dismissAll();
    await notifications.settled;
    openTabs = 0;
    await notify(third);
    expect(shown.every((text) => text.endsWith(': Failed'))).toBe(true);
    expect(shown).toHaveLength(3);
  });

  it('shows a result if the browser refuses the app badge', async () => {
    setAppBadge = () => Promise.reject(new Error('The badge is not supported.'));
    await notify(await createFailed());
    expect(shown).toHaveLength(1);
  });

  it('keeps the order of the notifications, not of the queue', async () => {
    const [first, second] = [await createFailed(), await createFailed()];
    await notify(second);
    await notify(first);
    expect(await notifications.acknowledge()).toEqual([second, first]);
  });

  it('offers no retry of an upload that was refused for good', async () => {
    await notify(await createFailed('upload_too_large'));
    expect(buttonCount).toBe(0);
    await notify(await createFailed());
    expect(buttonCount).toBe(1);
  });

  it('leaves out a failed upload that was retried', async () => {
    const [again, other] = [await createFailed(), await createFailed()];
    await notify(again);
    await fixture.db.update(again, (before) => withState(before, { status: 'queued' }));
    await notify(other);
    expect(shown.at(-1)).toMatch(/: Failed$/);
  });
});
