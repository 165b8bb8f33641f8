import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, makeFile, type TestFile, tempFolder } from '../fixtures/files.ts';
import { downloadedSha256, startServer, type TestServer, until } from '../fixtures/test-server.ts';
import { isCompleted, type Row, waitForRows } from '../page-objects/test-app.ts';
import type { Engine, EngineFacts, Tab } from './engine.ts';
import { ConnectionGate } from './gate.ts';

const MIB = 1024 * 1024;
/** Slow enough that a long upload outlasts any event of a worker in these engines. */
const CHUNK_MS = 3000;
const LONG_MIB = 120;
/** Without a chunk for this time, no worker is sending. */
const SILENCE_MS = 12_000;
const LONG_MS = 240_000;

/** Describes the main job in another engine than Chromium, the same for each engine. */
export function describeEngine({ name, program, launch }: EngineFacts): void {
  const isThere = existsSync(program);
  if (!isThere) console.warn(`${name} is left out: ${program} is not there, and only root on Debian may install it.`);

  describe.skipIf(!isThere)(
    `in ${name}`,
    () => {
      let server: TestServer;
      let gate: ConnectionGate;
      let engine: Engine;
      let folder: Folder;
      let tabs: Tab[] = [];

      beforeAll(async () => {
        folder = await tempFolder();
        server = await startServer();
        gate = new ConnectionGate(Number(new URL(server.url()).port));
        await gate.open();
        engine = await launch();
      });

      afterEach(async () => {
        server.faults.before = undefined;
        for (const tab of tabs) await tab.close();
        tabs = [];
      });

      afterAll(async () => {
        await engine?.close();
        await gate?.cut();
        await server?.close();
        await folder?.remove();
      });

      /** Opens a tab of the app, signed in if a user is given. */
      async function openTab(user?: string): Promise<Tab> {
        const tab = await engine.openTab();
        tabs.push(tab);
        const site = `http://localhost:${gate.port}`;
        // A page of the origin without the app, because the app reads its settings at start.
        await tab.open(`${site}/icon.svg`);
        await tab.evaluate(() => localStorage.setItem('uploader-settings', '{"chunkBytes":1048576}'));
        const { hash } = new URL(user === undefined ? site : server.signInLink(user));
        await tab.open(`${site}/${hash}`);
        return tab;
      }

      async function closeTabs(): Promise<void> {
        for (const tab of tabs.splice(0)) await tab.close();
      }

      async function queue(tab: Tab, name: string, sizeMiB: number): Promise<TestFile> {
        const file = await makeFile(folder.dir, name, sizeMiB * MIB);
        await tab.pick(file.path);
        return file;
      }

      /** Slows down every chunk. Returns the times at which chunks arrive. */
      function slowDown(): number[] {
        const moments: number[] = [];
        server.faults.before = ({ url }) => {
          if (!url.endsWith('/upload-chunk')) return undefined;
          moments.push(Date.now());
          return { kind: 'delay', delayMs: CHUNK_MS };
        };
        return moments;
      }

      async function expectArrived(user: string, file: TestFile): Promise<void> {
        const batches = server.batches.list(user);
        expect(batches.map(({ files }) => files.map(({ name: arrived }) => arrived))).toEqual([[file.name]]);
        const token = await server.issueToken(user);
        expect(await downloadedSha256(`${server.url()}/api`, token, batches[0]?.batchId ?? '')).toBe(file.sha256);
      }

      function chunks(user: string, count: number): Promise<void> {
        return until(() => server.acknowledgedChunks(user).length >= count, `${count} chunks of ${user}`);
      }

      it('uploads a file at once and in chunks', async () => {
        const tab = await openTab('sender');
        // An unknown server gets files that fit one request whole.
        const first = await queue(tab, 'first.bin', 20);
        await waitForRows(tab, 1, isCompleted);
        await expectArrived('sender', first);
        const chunked = await openTab('chunker');
        const second = await queue(chunked, 'second.bin', 20);
        await waitForRows(chunked, 1, isCompleted);
        await expectArrived('chunker', second);
        expect(new Set(server.acknowledgedChunks('chunker')).size).toBeGreaterThan(1);
      });

      it('shows the same in two tabs beyond the lifetime of a worker event', async () => {
        const first = await openTab('watcher');
        const moments = slowDown();
        const file = await queue(first, 'watched.bin', LONG_MIB);
        await chunks('watcher', 5);
        const second = await openTab();
        const isWhole = (row: Row) => isCompleted(row) && row.bytes === file.sizeBytes;
        const [a, b] = await Promise.all([first, second].map((tab) => waitForRows(tab, 1, isWhole, LONG_MS)));
        expect(a).toEqual(b);
        await expectArrived('watcher', file);
        report('with a tab open', `sends for ${span(moments)} s and more, longest pause ${longestPause(moments)} s`);
      });

      it('resumes on the next visit after tabs closed and the worker ended', async () => {
        const tab = await openTab('closer');
        const moments = slowDown();
        const file = await queue(tab, 'closed.bin', LONG_MIB);
        await waitForRows(tab, 1, (row) => row.staged && row.chunk0);
        const closedAt = Date.now();
        await closeTabs();
        await until(() => Date.now() - (moments.at(-1) ?? 0) > SILENCE_MS, 'the worker to be lost', LONG_MS);
        report('with every tab closed', `sends for ${Math.round(((moments.at(-1) ?? 0) - closedAt) / 1000)} s`);
        const before = server.acknowledgedChunks('closer');
        expect(before.length).toBeLessThan(LONG_MIB);
        server.faults.before = undefined;
        await waitForRows(await openTab(), 1, isCompleted);
        await expectArrived('closer', file);
        const after = server.acknowledgedChunks('closer').slice(before.length);
        expect(after.filter((index) => before.includes(index))).toEqual([]);
      });

      it('resumes when an unreachable server is back', async () => {
        const tab = await openTab('traveller');
        slowDown();
        const file = await queue(tab, 'cut.bin', 30);
        await chunks('traveller', 5);
        await gate.cut();
        await waitForRows(tab, 1, ({ status }) => status.startsWith('waiting'));
        server.faults.before = undefined;
        await gate.open();
        await waitForRows(tab, 1, isCompleted);
        await expectArrived('traveller', file);
      });

      function report(when: string, what: string): void {
        console.log(`${name}, ${when}: ${what}`);
      }
    },
    LONG_MS,
  );
}

function span(moments: readonly number[]): number {
  return Math.round(((moments.at(-1) ?? 0) - (moments[0] ?? 0)) / 1000);
}

function longestPause(moments: readonly number[]): number {
  const pauses = moments.slice(1).map((at, i) => at - (moments[i] ?? at));
  return Math.round(Math.max(...pauses) / 1000);
}
