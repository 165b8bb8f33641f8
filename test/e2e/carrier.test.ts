import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/server/faults.ts';
import { type Folder, makeFile, type TestFile, tempFolder } from '../support/files.ts';
import { isCompleted, queue, type Row, rowsBecome, TestApp } from '../support/harness.ts';
import { rememberRate } from '../support/stored.ts';
import { downloadedSha256, startServer, type TestServer, until } from '../support/test-server.ts';

const CHUNK = 512 * 1024;
const CHUNKS = 72;
const settings = { chunkBytes: CHUNK, concurrency: 1 };
/** At this rate the file would outlast what a worker is given after the tab is closed, in bytes per second. */
const SLOW_RATE = 10_000;
const SLOW: Fault = { kind: 'delay', delayMs: 2000 };
const BUSY: Fault = { kind: 'status', status: 503 };
const isCarried = (row: Row) => row.status === 'waiting: carrier';

// A fetch is ended here while nothing is answered: Chromium 156 crashes when an answer comes in that very moment.
// The driver of these tests has set how downloads are handled, which hides that Chromium wants a click for a second start; and
// it is attached to the worker, which switches its time limits off.
describe('what is handed over to the browser', () => {
  let server: TestServer;
  let app: TestApp;
  let folder: Folder;
  let fault: Fault | undefined;

  beforeAll(async () => {
    folder = await tempFolder();
    server = await startServer();
    app = await TestApp.launch(server);
    await app.meetServer(settings);
    server.faults.before = ({ url }) => (url.endsWith('/upload-chunk') ? fault : undefined);
  });

  afterEach(async () => {
    fault = undefined;
    server.release();
    await app.closeTabs();
  });

  afterAll(async () => {
    await app?.close();
    await server?.close();
    await folder?.remove();
  });

  /** An upload that is offered to the browser, because it is so slow; the server holds back until it is released. */
  async function slowUpload(user: string): Promise<{ tab: Page; file: TestFile }> {
    fault = SLOW;
    const file = await makeFile(folder.dir, `${user}.bin`, CHUNKS * CHUNK);
    const tab = await app.signIn(user, settings);
    await tab.evaluate(rememberRate, SLOW_RATE);
    await queue(tab, [file.path]);
    await until(() => server.chunksOf(user).length > 0, 'chunk 0');
    await server.hold();
    fault = undefined;
    await offer(tab).waitFor();
    return { tab, file };
  }

  const offer = (tab: Page) => tab.getByRole('button', { name: 'Keep going after I close' });

  /** @param resent how many chunks at most were on their way when somebody else took them over. */
  async function expectArrived(user: string, file: TestFile, resent: number): Promise<void> {
    await until(() => server.batches.list(user).length > 0, `the batch of ${user}`);
    const batches = server.batches.list(user);
    expect(batches.map(({ files }) => files.map(({ name }) => name))).toEqual([[file.name]]);
    const token = await server.issueToken(user);
    expect(await downloadedSha256(`${server.url()}/api`, token, batches[0]?.batchId ?? '')).toBe(file.sha256);
    await until(async () => (await app.uploads()).some(isCompletedOf(user)), `the record of ${user}`);
    expect(server.sessions.ids).toEqual([]);
    const chunks = server.chunksOf(user);
    expect(chunks.length - new Set(chunks).size).toBeLessThanOrEqual(resent);
  }

  const isCompletedOf = (user: string) => (upload: { ownerId: string; status: string }) =>
    upload.ownerId === user && upload.status === 'completed';

  it('arrives with every tab closed, and is booked by the worker that the browser wakes', async () => {
    const { tab, file } = await slowUpload('traveller');
    await offer(tab).click();
    await rowsBecome(tab, 1, isCarried);
    await until(() => tab.evaluate(hasFetch), 'the Background Fetch');
    await app.closeTabs();
    server.release();
    await expectArrived('traveller', file, 1);
  });

  it('comes back to the worker when the server refuses the browser, and still arrives once', async () => {
    const { tab, file } = await slowUpload('unlucky');
    fault = BUSY;
    server.release();
    await offer(tab).click();
    await rowsBecome(tab, 1, (row) => !isCarried(row) && row.status !== 'completed');
    fault = undefined;
    await rowsBecome(tab, 1, isCompleted);
    await expectArrived('unlucky', file, 1);
  });

  it('is taken back by its user, and goes on where the browser stopped', async () => {
    const { tab, file } = await slowUpload('regretful');
    await offer(tab).click();
    await rowsBecome(tab, 1, isCarried);
    await until(() => tab.evaluate(hasFetch), 'the Background Fetch');
    await tab.getByRole('button', { name: 'Take it back' }).click();
    await until(async () => !(await tab.evaluate(hasFetch)), 'the end of the Background Fetch');
    server.release();
    await rowsBecome(tab, 1, isCompleted);
    await expectArrived('regretful', file, 3);
  });

  it('ends with its upload, when that is cancelled', async () => {
    const { tab } = await slowUpload('undecided');
    await offer(tab).click();
    await rowsBecome(tab, 1, isCarried);
    await until(() => tab.evaluate(hasFetch), 'the Background Fetch');
    await tab.getByRole('button', { name: 'Cancel' }).click();
    await until(async () => !(await tab.evaluate(hasFetch)), 'the end of the Background Fetch');
    server.release();
    await until(() => server.sessions.ids.length === 0, 'the session to be discarded');
    expect(server.batches.list('undecided')).toEqual([]);
  });

  it('comes back when its page died between the record and the start', async () => {
    const { tab, file } = await slowUpload('orphan');
    await tab.evaluate(recordHandOver);
    server.release();
    await tab.evaluate(() => void dispatchEvent(new Event('online')));
    await rowsBecome(tab, 1, isCompleted);
    await expectArrived('orphan', file, 1);
  });
});

/** Whether a Background Fetch is under way; lib.dom does not know it. */
async function hasFetch(): Promise<boolean> {
  const registration = (await navigator.serviceWorker.ready) as unknown as {
    backgroundFetch: { getIds(): Promise<string[]> };
  };
  return (await registration.backgroundFetch.getIds()).length > 0;
}

/** Writes into the record that a Background Fetch has it, which nobody ever started. */
function recordHandOver(): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const tx = opening.result.transaction('uploads', 'readwrite');
      const reading = tx.objectStore('uploads').getAll();
      reading.onsuccess = () => {
        for (const upload of reading.result.filter(({ status }) => status === 'uploading')) {
          const wait = { reason: 'carrier', fetchId: 'never started' };
          tx.objectStore('uploads').put({ ...upload, status: 'waiting', wait });
        }
      };
      tx.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  });
}
