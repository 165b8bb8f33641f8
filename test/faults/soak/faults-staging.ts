import { appendFileSync, truncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Upload } from '../../../src/shared/upload.ts';
import type { AppElement } from './browser.ts';
import { atLarge, type Fault, type Stage } from './fault.ts';
import { nameIn } from './hands.ts';
import { nameOf, type Planned } from './planned.ts';

/** What may come between a picked file and its copy in the browser. */
export const STAGING_FAULTS: readonly Fault[] = [
  atLarge(
    'tab closed in mid-staging',
    2,
    async (stage) => {
      const [large] = await stage.spare(1);
      if (!large) return 'missed';
      await stage.hands.queue([large]);
      await stage.browser.closeTabs();
      const upload = await recordOf(stage, large);
      return upload && upload.stagedBytes < upload.sizeBytes ? 'hit' : 'missed';
    },
    1,
  ),
  atLarge(
    'picked file changed during staging',
    2,
    async (stage) => {
      const [large] = await stage.spare(1);
      const file = large && stage.hands.filesOf(large)[0];
      if (!large || !file) return 'missed';
      await stage.hands.queue([large]);
      appendFileSync(file.path, 'changed');
      await sleep(500);
      // As it was, but for its date: what the browser noticed is no reason to lose the file.
      truncateSync(file.path, file.sizeBytes);
      const upload = await recordOf(stage, large);
      return upload?.status === 'failed' && upload.code === 'unreadable_file' ? 'hit' : 'missed';
    },
    1,
  ),
  atLarge(
    'quota exceeded in the browser',
    2,
    async (stage, random) => {
      const [large] = await stage.spare(1);
      if (!large) return 'missed';
      const from = Date.now();
      const isTold = random.next() < 0.5;
      if (!isTold) await stage.hands.queue([large]);
      await stage.browser.fillStorage(true);
      // Told before anything is copied; queued again when there is room.
      if (isTold) await stage.hands.queue([large]).catch(() => undefined);
      await sleep(1000);
      await stage.browser.fillStorage(false);
      stage.ledger.wasBlind(from);
      return 'hit';
    },
    1,
  ),
  atLarge(
    'Blobs refused in the browser',
    2,
    async (stage) => {
      const spares = await stage.spare(2);
      const tab = await stage.browser.anotherTab(refuseBlobs);
      await stage.hands.queue(spares, tab);
      await staged(tab, spares);
      await tab.close();
      return spares.length > 0 ? 'hit' : 'missed';
    },
    2,
  ),
  atLarge(
    'second tab at work',
    2,
    async (stage) => {
      const spares = await stage.spare(2);
      const second = await stage.browser.anotherTab();
      await Promise.all([
        stage.hands.queue(spares.slice(0, 1), second),
        stage.hands.queue(spares.slice(1), await stage.browser.tab()),
      ]);
      await staged(second, spares.slice(0, 1));
      await second.close();
      return spares.length > 1 ? 'hit' : 'missed';
    },
    2,
  ),
];

async function recordOf({ browser }: Stage, planned: Planned): Promise<Upload | undefined> {
  return (await browser.records()).find((upload) => nameIn(upload) === nameOf(planned, 0));
}

/** Waits until closing a tab stops no copy of what was queued in it. */
async function staged(tab: Page, planned: readonly Planned[]): Promise<void> {
  const names = planned.map(({ name }) => name);
  // The longest copy of a soak, on a machine that has more to do.
  const patience = { timeout: 180_000 };
  await tab.waitForFunction(
    (wanted) => {
      const uploads = document.querySelector<AppElement>('upload-app')?.client?.list() ?? [];
      const own = uploads.filter(({ files }) => wanted.includes(files[0]?.name ?? ''));
      // What cannot be copied waits or has failed: the user helps it afterwards.
      return (
        own.length === wanted.length &&
        own.every((one) => one.status !== 'staging' || one.stagedBytes === one.sizeBytes)
      );
    },
    names,
    patience,
  );
}

/** Runs in the page, before the app: an engine whose database takes no Blobs. */
function refuseBlobs(): void {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value: unknown, key?: IDBValidKey) {
    if (value instanceof Blob) throw new DOMException('No Blobs here.', 'DataCloneError');
    return key === undefined ? put.call(this, value) : put.call(this, value, key);
  };
}
