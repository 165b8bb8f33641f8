import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../fixtures/test-server.ts';
import { isCompleted, type Row, waitForRows } from '../page-objects/test-app.ts';
import type { EngineFacts } from './engine.ts';
import { EngineFixture } from './engine-fixture.ts';

const LONG_MIB = 120;
/** Without a chunk for this time, no worker is sending. */
const SILENCE_MS = 12_000;
const LONG_MS = 240_000;

/** Describes the main job in another engine than Chromium, the same for each engine. */
export function describeEngine({ name, program, launch }: EngineFacts): void {
  const isInstalled = existsSync(program);
  if (!isInstalled)
    console.warn(`${name} is skipped: ${program} is missing. \`npm run engines\` installs it on Debian.`);

  describe.skipIf(!isInstalled)(
    `uploading in ${name}`,
    () => {
      let fixture: EngineFixture;

      beforeAll(async () => {
        fixture = await EngineFixture.launch(launch);
      });

      afterEach(() => fixture.reset());
      afterAll(() => fixture?.close());

      const report = (when: string, what: string) => console.log(`${name}, ${when}: ${what}`);

      it('uploads a file at once and in chunks', () => uploadTwice(fixture));
      it('shows the same in two tabs beyond the lifetime of a worker event', async () => {
        const times = await uploadInTwoTabs(fixture);
        report('with a tab open', `sends for ${getSpan(times)} s and more, longest pause ${getLongestPause(times)} s`);
      });
      it('resumes on the next visit after tabs closed and the worker ended', async () => {
        report('with every tab closed', `sends for ${await uploadWithoutTabs(fixture)} s`);
      });
      it('resumes when an unreachable server is back', () => uploadAcrossOutage(fixture));
    },
    LONG_MS,
  );
}

async function uploadTwice(fixture: EngineFixture): Promise<void> {
  const tab = await fixture.openTab('sender');
  // An unknown server gets files that fit one request whole.
  const first = await fixture.queueFile(tab, 'first.bin', 20);
  await waitForRows(tab, 1, isCompleted);
  await fixture.expectArrived('sender', first);
  const next = await fixture.openTab('chunker');
  const second = await fixture.queueFile(next, 'second.bin', 20);
  await waitForRows(next, 1, isCompleted);
  await fixture.expectArrived('chunker', second);
  expect(new Set(fixture.server.acknowledgedChunks('chunker')).size).toBeGreaterThan(1);
}

/** Returns the times at which chunks arrived. */
async function uploadInTwoTabs(fixture: EngineFixture): Promise<readonly number[]> {
  const first = await fixture.openTab('watcher');
  const times = fixture.slowDown();
  const file = await fixture.queueFile(first, 'watched.bin', LONG_MIB);
  await fixture.waitForChunks('watcher', 5);
  const second = await fixture.openTab();
  const isWhole = (row: Row) => isCompleted(row) && row.bytes === file.sizeBytes;
  const [a, b] = await Promise.all([first, second].map((tab) => waitForRows(tab, 1, isWhole, LONG_MS)));
  expect(a).toEqual(b);
  await fixture.expectArrived('watcher', file);
  return times;
}

/** Returns for how many seconds chunks arrived after the last tab was closed. */
async function uploadWithoutTabs(fixture: EngineFixture): Promise<number> {
  const { server } = fixture;
  const tab = await fixture.openTab('closer');
  const times = fixture.slowDown();
  const file = await fixture.queueFile(tab, 'closed.bin', LONG_MIB);
  await waitForRows(tab, 1, (row) => row.staged && row.chunk0);
  const closedAt = Date.now();
  await fixture.closeTabs();
  await until(() => Date.now() - (times.at(-1) ?? 0) > SILENCE_MS, 'the end of the worker', LONG_MS);
  const seconds = Math.round(((times.at(-1) ?? 0) - closedAt) / 1000);
  const before = server.acknowledgedChunks('closer');
  expect(before.length).toBeLessThan(LONG_MIB);
  server.faults.before = undefined;
  await waitForRows(await fixture.openTab(), 1, isCompleted);
  await fixture.expectArrived('closer', file);
  const after = server.acknowledgedChunks('closer').slice(before.length);
  expect(after.filter((index) => before.includes(index))).toEqual([]);
  return seconds;
}

async function uploadAcrossOutage(fixture: EngineFixture): Promise<void> {
  const tab = await fixture.openTab('traveller');
  fixture.slowDown();
  const file = await fixture.queueFile(tab, 'cut.bin', 30);
  await fixture.waitForChunks('traveller', 5);
  await fixture.gate.cut();
  await waitForRows(tab, 1, ({ status }) => status.startsWith('waiting'));
  fixture.server.faults.before = undefined;
  await fixture.gate.open();
  await waitForRows(tab, 1, isCompleted);
  await fixture.expectArrived('traveller', file);
}

function getSpan(times: readonly number[]): number {
  return Math.round(((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000);
}

function getLongestPause(times: readonly number[]): number {
  const pauses = times.slice(1).map((at, i) => at - (times[i] ?? at));
  return Math.round(Math.max(...pauses) / 1000);
}
