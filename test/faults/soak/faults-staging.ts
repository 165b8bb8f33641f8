import { appendFileSync, truncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Upload } from '../../../src/shared/upload.ts';
import type { AppElement } from './browser.ts';
import { type Env, environmentFault, type Fault } from './fault.ts';
import { getFileName, type PlannedUpload } from './upload-plan.ts';
import { getFirstFileName } from './user-actions.ts';

/** Faults between choosing a file and its staged copy. */
export const STAGING_FAULTS: readonly Fault[] = [
  environmentFault(
    'tab closed in mid-staging',
    2,
    async (env) => {
      const [large] = await env.takeUnqueued(1);
      if (!large) return 'missed';
      await env.userActions.queue([large]);
      await env.browser.closeTabs();
      const upload = await findRecord(env, large);
      return upload && upload.stagedBytes < upload.sizeBytes ? 'hit' : 'missed';
    },
    1,
  ),
  environmentFault(
    'picked file changed during staging',
    2,
    async (env) => {
      const [large] = await env.takeUnqueued(1);
      const file = large && env.userActions.filesOf(large)[0];
      if (!large || !file) return 'missed';
      await env.userActions.queue([large]);
      appendFileSync(file.path, 'changed');
      await sleep(500);
      // The same content with another date: a change during staging must not lose the file.
      truncateSync(file.path, file.sizeBytes);
      const upload = await findRecord(env, large);
      return upload?.status === 'failed' && upload.code === 'unreadable_file' ? 'hit' : 'missed';
    },
    1,
  ),
  environmentFault(
    'quota exceeded in the browser',
    2,
    async (env, random) => {
      const [large] = await env.takeUnqueued(1);
      if (!large) return 'missed';
      const from = Date.now();
      const isRefusedEarly = random.next() < 0.5;
      if (!isRefusedEarly) await env.userActions.queue([large]);
      await env.browser.fillStorage(true);
      // The estimate refuses the file before staging; it is queued again when there is room.
      if (isRefusedEarly) await env.userActions.queue([large]).catch(() => undefined);
      await sleep(1000);
      await env.browser.fillStorage(false);
      env.log.recordBlindSpell(from);
      return 'hit';
    },
    1,
  ),
  environmentFault(
    'Blobs refused in the browser',
    2,
    async (env) => {
      const spares = await env.takeUnqueued(2);
      const tab = await env.browser.openTab(refuseBlobs);
      await env.userActions.queue(spares, tab);
      await waitForStaging(tab, spares);
      await tab.close();
      return spares.length > 0 ? 'hit' : 'missed';
    },
    2,
  ),
  environmentFault(
    'second tab at work',
    2,
    async (env) => {
      const spares = await env.takeUnqueued(2);
      const second = await env.browser.openTab();
      await Promise.all([
        env.userActions.queue(spares.slice(0, 1), second),
        env.userActions.queue(spares.slice(1), await env.browser.getTab()),
      ]);
      await waitForStaging(second, spares.slice(0, 1));
      await second.close();
      return spares.length > 1 ? 'hit' : 'missed';
    },
    2,
  ),
];

async function findRecord({ browser }: Env, planned: PlannedUpload): Promise<Upload | undefined> {
  return (await browser.readRecords()).find((upload) => getFirstFileName(upload) === getFileName(planned, 0));
}

/** Waits until closing the tab would stop no staging. */
async function waitForStaging(tab: Page, planned: readonly PlannedUpload[]): Promise<void> {
  const names = planned.map(({ name }) => name);
  // The longest staging of a soak on a busy machine.
  const patience = { timeout: 180_000 };
  await tab.waitForFunction(
    (wanted) => {
      const uploads = document.querySelector<AppElement>('upload-app')?.client?.list() ?? [];
      const own = uploads.filter(({ files }) => wanted.includes(files[0]?.name ?? ''));
      // An upload that cannot be staged waits or has failed; the user resolves it later.
      return (
        own.length === wanted.length &&
        own.every((one) => one.status !== 'staging' || one.stagedBytes === one.sizeBytes)
      );
    },
    names,
    patience,
  );
}

/** Imitates an engine whose database stores no Blobs. Runs in the page before the app. */
function refuseBlobs(): void {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value: unknown, key?: IDBValidKey) {
    if (value instanceof Blob) throw new DOMException('No Blobs here.', 'DataCloneError');
    return key === undefined ? put.call(this, value) : put.call(this, value, key);
  };
}
