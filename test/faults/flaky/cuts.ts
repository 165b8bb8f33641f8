import { setTimeout as sleep } from 'node:timers/promises';
import { tempFolder } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { Browser } from '../../lifetimes/browser.ts';
import { Site } from '../../lifetimes/site.ts';
import { Random } from '../soak/random.ts';
import { Namespaces } from './namespaces.ts';

const MIB = 1024 * 1024;
const BYTES_PER_SECOND = 2 * MIB;
const CHUNK_BYTES = MIB;
const USER = 'owner';
const FIRST_USER = 'first user';
/** The longest time between two cuts, in seconds. */
const MAX_UPTIME_S = 4;
/** Longer than a worker lives after the last tab was closed, in seconds. */
const BEYOND_WORKER_LIFETIME_S = 600;
/** Longer than any retry except the second one of a sync registration. */
const TIMEOUT_MS = 60_000;

/** One cut and the recovery. */
interface Cut {
  readonly tabs: 'open' | 'closed';
  readonly downMs: number;
  /** From the return of the network to the next request at the server. */
  readonly resumedAfterMs: number;
}

/** The result of a run. */
export interface Report {
  readonly cuts: readonly Cut[];
  readonly bytes: number;
  /** Sent in requests that were cut. */
  readonly lostBytes: number;
  readonly batches: number;
  readonly isIntact: boolean;
}

/** Uploads one file while the network goes down and up, with tabs open or closed. */
export function runCuts(namespaces: Namespaces, count: number, seed: number): Promise<Report> {
  return withBrowser(namespaces, async (browser, site) => {
    const sizeMiB = Math.ceil((count * MAX_UPTIME_S * BYTES_PER_SECOND) / MIB) + 10;
    await queueFile(namespaces, browser, site, sizeMiB);
    const cuts: Cut[] = [];
    const random = new Random(seed, 'cuts');
    for (let n = 0; n < count; n++) {
      cuts.push(await cutConnection(namespaces, browser, site, random));
      console.error(`cut ${n + 1} of ${count}: ${JSON.stringify(cuts.at(-1))}`);
    }
    return createReport(site, cuts, sizeMiB);
  });
}

/** Starts a Background Fetch, closes every tab and cuts the network while the browser sends. */
export function runBackgroundFetchCuts(namespaces: Namespaces, count: number, seed: number): Promise<Report> {
  return withBrowser(namespaces, async (browser, site) => {
    const sizeMiB = Math.ceil((count * MAX_UPTIME_S * BYTES_PER_SECOND) / MIB) + 40;
    // Only an upload that outlasts a closed tab is eligible for a Background Fetch.
    site.setLinkRate((sizeMiB * MIB) / BEYOND_WORKER_LIFETIME_S);
    await discoverServer(browser, site);
    const app = await browser.open(site.url(`?queue=${sizeMiB}&background-fetch`, USER));
    await until(
      () => titleIncludes(browser, app, '"status":"waiting: background-fetch"'),
      'the Background Fetch',
      5 * TIMEOUT_MS,
    );
    await browser.close(app);
    site.setLinkRate(BYTES_PER_SECOND);
    const cuts: Cut[] = [];
    const random = new Random(seed, 'cuts');
    for (let n = 0; n < count; n++) {
      cuts.push({ tabs: 'closed', ...(await interruptLink(namespaces, site, random)) });
      console.error(`cut ${n + 1} of ${count}: ${JSON.stringify(cuts.at(-1))}`);
    }
    return createReport(site, cuts, sizeMiB);
  });
}

/** Attaches nothing to the browser, so that time limits and Background Sync work as for a user. */
async function withBrowser<T>(namespaces: Namespaces, act: (browser: Browser, site: Site) => Promise<T>): Promise<T> {
  const site = await Site.open(BYTES_PER_SECOND, Namespaces.address);
  const profile = await tempFolder();
  const browser = new Browser(profile.dir, null, {
    wrapper: Namespaces.wrapper(namespaces.browser),
    args: [`--unsafely-treat-insecure-origin-as-secure=${new URL(site.url()).origin}`],
  });
  try {
    return await act(browser, site);
  } finally {
    await browser.kill();
    await site.close();
    await profile.remove();
  }
}

/** Stages the file while the network is down, so that nearly all of it is sent between cuts. */
async function queueFile(namespaces: Namespaces, browser: Browser, site: Site, sizeMiB: number): Promise<void> {
  await discoverServer(browser, site);
  const app = await browser.open(site.url(`?queue=${sizeMiB}`, USER));
  await until(() => site.server.acknowledgedChunks(USER).length > 0, 'the first chunk', TIMEOUT_MS);
  await namespaces.cut();
  await until(() => titleIncludes(browser, app, '"staged":"true"'), 'the staged file', 5 * TIMEOUT_MS);
  await namespaces.restore();
}

async function discoverServer(browser: Browser, site: Site): Promise<void> {
  // A blank tab keeps the browser alive when the tab of the app closes.
  await browser.open('about:blank');
  // An unknown server gets files that fit one request whole, not in chunks.
  const first = await browser.open(site.url(`?queue=1&chunk=${CHUNK_BYTES}`, FIRST_USER));
  await until(() => site.server.batches.list(FIRST_USER).length > 0, 'the first batch', TIMEOUT_MS);
  await browser.close(first);
}

/** Whether the title of the app's page, in which it reports its state, contains a text. */
async function titleIncludes(browser: Browser, app: string, what: string): Promise<boolean> {
  const tab = (await browser.tabs()).find(({ targetId }) => targetId === app);
  return tab?.title.includes(what) ?? false;
}

async function cutConnection(namespaces: Namespaces, browser: Browser, site: Site, random: Random): Promise<Cut> {
  const isClosed = random.next() < 0.4;
  const app = (await browser.tabs()).find(({ url }) => url.startsWith('http'));
  if (isClosed && app) await browser.close(app.targetId);
  if (!isClosed && !app) await browser.open(site.url());
  return { tabs: isClosed ? 'closed' : 'open', ...(await interruptLink(namespaces, site, random)) };
}

async function interruptLink(namespaces: Namespaces, site: Site, random: Random): Promise<Omit<Cut, 'tabs'>> {
  await sleep(random.whole(500, 0.8 * MAX_UPTIME_S * 1000));
  const downMs = random.whole(500, 12_000);
  await namespaces.cut();
  await sleep(downMs);
  await namespaces.restore();
  const from = Date.now();
  // Bytes of cut requests may still arrive through the proxy.
  const next = () => site.arrivals.find(({ startedAt }) => startedAt > from);
  await until(() => next() !== undefined, 'the next request', 5 * TIMEOUT_MS);
  return { downMs, resumedAfterMs: (next()?.startedAt ?? Number.NaN) - from };
}

async function createReport(site: Site, cuts: readonly Cut[], sizeMiB: number): Promise<Report> {
  const { batches } = site.server;
  await until(() => batches.list(USER).length > 0, 'the batch', 5 * TIMEOUT_MS);
  const isIntact = await site.isIntact(USER, sizeMiB);
  return { cuts, ...sumBytes(site), batches: batches.list(USER).length, isIntact };
}

function sumBytes(site: Site): { bytes: number; lostBytes: number } {
  let [bytes, lostBytes] = [0, 0];
  for (const { slices, outcome } of site.arrivals) {
    const size = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    if (outcome === 'answered') bytes += size;
    else lostBytes += size;
  }
  return { bytes, lostBytes };
}
