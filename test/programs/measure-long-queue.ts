// Measures the page with ten thousand uploads: `npx tsx test/programs/measure-long-queue.ts`
import type { Page } from 'playwright-core';
import { createPausedUploads, storeUploads } from '../fixtures/stored-uploads.ts';
import { startServer } from '../fixtures/test-server.ts';
import { measureFirstRow } from '../page-objects/first-row.ts';
import { TestApp } from '../page-objects/test-app.ts';

const COUNT = 10_000;
const OPENINGS = 12;
const SCROLLS = 5;
const USER = 'archivist';

const server = await startServer();
const app = await TestApp.launch(server);
try {
  const tab = await app.signIn(USER);
  await storeUploads(tab, createPausedUploads(USER, COUNT));
  await readWhole(tab);
  console.log(`${COUNT} uploads`);
  const open = await measureFirstRow(tab);
  for (let i = 0; i < OPENINGS; i++) {
    const { attachedMs: thereMs, paintedMs } = await open();
    console.log(`first row in the page after ${Math.round(thereMs)} ms, painted after ${Math.round(paintedMs)} ms`);
    await readWhole(tab);
  }
  for (let i = 0; i < SCROLLS; i++) {
    const { perSecond, longestMs } = await tab.evaluate(scrollThrough);
    console.log(`scrolling: ${perSecond.toFixed(1)} frames a second, the longest took ${Math.round(longestMs)} ms`);
  }
} finally {
  await app.close();
  await server.close();
}

/** Waits until the whole queue is loaded, which must not overlap the next measurement. */
function readWhole(tab: Page): Promise<void> {
  return tab.locator('queue-summary section:not([aria-busy])').waitFor();
}

/** Scrolls by 400 px per frame for three seconds. Runs in the page. */
async function scrollThrough(): Promise<{ perSecond: number; longestMs: number }> {
  scrollTo(0, 0);
  await new Promise((resolve) => requestAnimationFrame(resolve));
  const started = performance.now();
  let frames = 0;
  let longestMs = 0;
  let before = started;
  while (before - started < 3000) {
    scrollBy(0, 400);
    const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    longestMs = Math.max(longestMs, now - before);
    before = now;
    frames++;
  }
  return { perSecond: (frames * 1000) / (before - started), longestMs };
}
