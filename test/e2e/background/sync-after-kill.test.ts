import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { type Folder, makeFile, tempFolder } from '../../fixtures/files.ts';
import { startServer, type TestServer, until } from '../../fixtures/test-server.ts';
import { StagingGate } from '../../page-objects/staging-gate.ts';
import { SyncEvents } from '../../page-objects/sync-events.ts';
import { queueFiles, TestApp, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 1024 * 1024;
const PIECE = 8 * CHUNK;
const settings = { chunkBytes: CHUNK };

describe('a browser that is killed right after staging', () => {
  let server: TestServer;
  let app: TestApp;
  let folder: Folder;
  let syncEvents: SyncEvents;
  /** Since the browser was started last. */
  let chunkRequests = 0;
  let isOverloaded = false;

  beforeAll(async () => {
    [server, folder] = [await startServer(), await tempFolder()];
    server.faults.before = ({ method, url }) => {
      if (method !== 'POST' || !url.endsWith('/upload-chunk')) return undefined;
      chunkRequests++;
      return isOverloaded ? { kind: 'status', status: 503, retryAfter: '600' } : undefined;
    };
  });

  beforeEach(async () => {
    app = await TestApp.launch(server);
    syncEvents = await SyncEvents.observe(app.context);
    await app.discoverServer(settings);
  });

  afterEach(() => app.close());

  afterAll(async () => {
    await server.close();
    await folder.remove();
  });

  /** Opens a tab without the timer that wakes the worker. */
  async function signInWithoutTimer(user: string): Promise<Page> {
    const tab = await app.signIn(user, settings);
    await tab.addInitScript(() => {
      window.setInterval = (() => 0) as unknown as typeof window.setInterval;
    });
    await tab.reload();
    await tab.locator('#files').waitFor();
    await until(() => !syncEvents.hasActive, 'the end of the sync events of the first upload');
    return tab;
  }

  /** Kills the browser while a sync event is active, and starts it again without the app. */
  async function restartDuringSync(): Promise<void> {
    await until(() => syncEvents.hasActive, 'an active sync event');
    const profile = await app.kill();
    chunkRequests = 0;
    server.releaseChunks();
    app = await TestApp.launch(server, profile);
  }

  it('sends a staged file at its next start without a visit', async () => {
    const user = 'whole';
    const file = await makeFile(folder.dir, 'whole.bin', 3 * PIECE);
    const tab = await signInWithoutTimer(user);
    await server.holdChunks();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ staged }) => staged);
    await restartDuringSync();
    await until(() => chunkRequests > 0, 'a chunk of the staged file');
    await until(() => server.batches.list(user).length > 0, 'the batch of the file');
    expect(app.context.pages().map((page) => page.url())).toEqual(['about:blank']);
    await expectArrived(server, user, file);
  });

  it('sends a staged file at its next start after a rejected sync event', async () => {
    const user = 'rejected';
    const early = await makeFile(folder.dir, 'early.bin', PIECE);
    const late = await makeFile(folder.dir, 'late.bin', PIECE);
    const tab = await signInWithoutTimer(user);
    isOverloaded = true;
    await queueFiles(tab, [early.path]);
    await until(() => syncEvents.hasRejected && !syncEvents.hasActive, 'a rejected sync event');
    isOverloaded = false;
    await server.holdChunks();
    await queueFiles(tab, [late.path]);
    await waitForRows(tab, 2, ({ staged }) => staged);
    await restartDuringSync();
    await until(() => chunkRequests > 0, 'a chunk of the later file');
    expect(app.context.pages().map((page) => page.url())).toEqual(['about:blank']);
  });

  it('sends the staged part of a file at its next start without a visit', async () => {
    const user = 'part';
    const file = await makeFile(folder.dir, 'part.bin', 3 * PIECE);
    const tab = await signInWithoutTimer(user);
    await server.holdChunks();
    const gate = await StagingGate.close(tab);
    await queueFiles(tab, [file.path]);
    await gate.passOnePiece();
    const hasPiece = async () => (await app.uploads()).some((upload) => upload.stagedBytes === PIECE);
    await until(hasPiece, 'the first staged piece');
    await restartDuringSync();
    await until(() => chunkRequests > 0, 'a chunk of the staged part');
    expect(app.context.pages().map((page) => page.url())).toEqual(['about:blank']);
  });
});
