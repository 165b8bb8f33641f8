import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withState } from '../../../../src/shared/upload.ts';
import { Notifications } from '../../../../sw/background/notifications.ts';
import { realClock } from '../../../../sw/ports/clock.ts';
import { DriverFixture } from '../driver-fixture.ts';

describe('what the user is told while no tab is open', () => {
  let desk: DriverFixture;
  let tidings: Notifications;
  let openTabs: number;
  /** What happens while it is waited whether a tab was being closed. */
  let meanwhile: () => void;
  let shown: string[];
  /** What this browser makes of a number on the icon. */
  let setAppBadge: () => Promise<void>;

  beforeEach(async () => {
    desk = await DriverFixture.open();
    openTabs = 0;
    meanwhile = () => undefined;
    shown = [];
    setAppBadge = async () => undefined;
    tidings = new Notifications({
      db: desk.db,
      tabs: { post: async () => undefined, count: async () => openTabs },
      clock: { ...realClock, sleep: async () => meanwhile() },
      exclusive: (name, _signal, work) => navigator.locks.request(name, work),
      // A browser that remembers nothing of what it showed.
      registration: {
        getNotifications: async () => [],
        showNotification: async (title: string, { body }: NotificationOptions) => void shown.push(`${title}: ${body}`),
      } as unknown as ServiceWorkerRegistration,
      navigator: { setAppBadge: () => setAppBadge() },
      isAllowed: () => true,
    });
  });

  afterEach(() => desk.close());

  async function failed(): Promise<string> {
    const id = await desk.queueUpload();
    await desk.db.update(id, (before) =>
      withState(before, { status: 'failed', code: 'refused', message: 'No.', failedAt: 0 }),
    );
    return id;
  }

  async function tell(id: string): Promise<void> {
    tidings.onUploadChanged(id);
    await tidings.settled;
  }

  it('is of all uploads, whatever the browser remembers of the notification before', async () => {
    for (const id of [await failed(), await failed()]) tidings.onUploadChanged(id);
    await tidings.settled;
    expect(shown.at(-1)).toBe('Uploads: Failed: 2');
  });

  it('is of an upload that ended as the last tab was being closed', async () => {
    openTabs = 1;
    meanwhile = () => {
      openTabs = 0;
    };
    await tell(await failed());
    expect(shown).toHaveLength(1);
  });

  it('is nothing that an open tab shows', async () => {
    openTabs = 1;
    await tell(await failed());
    expect(shown).toEqual([]);
  });

  it('is not what was told before, once that was put away or a tab has been open', async () => {
    const [first, second, third] = [await failed(), await failed(), await failed()];
    await tell(first);
    expect(await tidings.acknowledge()).toEqual([first]);
    await tell(second);
    openTabs = 1;
    tidings.dismissAll();
    await tidings.settled;
    openTabs = 0;
    await tell(third);
    expect(shown.every((text) => text.endsWith(': Failed'))).toBe(true);
    expect(shown).toHaveLength(3);
  });

  it('is told also where the browser refuses the number on the icon', async () => {
    setAppBadge = () => Promise.reject(new Error('No number here.'));
    await tell(await failed());
    expect(shown).toHaveLength(1);
  });

  it('remembers in which order it told, whatever order they are sent in', async () => {
    const [first, second] = [await failed(), await failed()];
    await tell(second);
    await tell(first);
    expect(await tidings.acknowledge()).toEqual([second, first]);
  });

  it('leaves out what has gone on since', async () => {
    const [again, other] = [await failed(), await failed()];
    await tell(again);
    await desk.db.update(again, (before) => withState(before, { status: 'queued' }));
    await tell(other);
    expect(shown.at(-1)).toMatch(/: Failed$/);
  });
});
