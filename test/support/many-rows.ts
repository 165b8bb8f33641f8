// What ten thousand uploads cost the page: `npx tsx test/support/many-rows.ts`. Prints figures, judges nothing.
import { TestApp } from './harness.ts';
import { manySeeds, sow } from './scene.ts';
import { startServer } from './test-server.ts';

const COUNT = 10_000;
const USER = 'archivist';

const server = await startServer();
const app = await TestApp.launch(server);
try {
  const tab = await app.signIn(USER);
  await sow(tab, manySeeds(USER, COUNT));
  await tab.locator('upload-row').first().waitFor();
  // From the start of the navigation until the first row is in the page, as the page itself sees it.
  await tab.addInitScript(() => {
    // No function with a name: tsx would add to it what the page does not have.
    const timer = setInterval(() => {
      const list = document.querySelector('upload-app')?.shadowRoot?.querySelector('upload-list');
      if (!list?.shadowRoot?.querySelector('upload-row')) return;
      performance.mark('rows');
      clearInterval(timer);
    }, 4);
  });
  await tab.reload();
  await tab.waitForFunction(() => performance.getEntriesByName('rows').length > 0);
  const openMs = await tab.evaluate(() => performance.getEntriesByName('rows')[0]?.startTime ?? Number.NaN);
  const { frames, seconds, longestMs } = await tab.evaluate(async () => {
    const started = performance.now();
    let frames = 0;
    let longestMs = 0;
    for (let before = started; before - started < 3000; ) {
      scrollBy(0, 400);
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      longestMs = Math.max(longestMs, now - before);
      before = now;
      frames++;
    }
    return { frames, seconds: (performance.now() - started) / 1000, longestMs };
  });
  console.log(`${COUNT} uploads: rows in the page ${Math.round(openMs)} ms after navigation`);
  console.log(`scrolling: ${(frames / seconds).toFixed(1)} frames a second, longest frame ${Math.round(longestMs)} ms`);
} finally {
  await app.close();
  await server.close();
}
