import { tempFolder } from '../../fixtures/files.ts';
import { Browser } from './browser.ts';
import { openDisk } from './disk.ts';
import { ExchangeLog } from './exchange-log.ts';
import { planFaults } from './fault-plan.ts';
import { FaultProxy } from './fault-proxy.ts';
import { Random } from './random.ts';
import { type Report, summarizeLog, totalBytes } from './report.ts';
import { Runner } from './runner.ts';
import { ServerProcess } from './server-process.ts';
import { CHUNK_BYTES, countRequests, type Level, planUploads, USERS } from './upload-plan.ts';
import { UserActions } from './user-actions.ts';
import { judge } from './verdict.ts';

/** Options of a soak. */
export interface SoakOptions {
  readonly uploads: number;
  readonly seed: number;
  readonly level: Level;
  /** Names of faults. All unless given. */
  readonly only: readonly string[] | null;
  /** Called with the progress from time to time. */
  readonly onProgress?: (line: string) => void;
}

/** Short, so that tokens expire often during a soak. */
const TOKEN_SECONDS = 20;

const DEBUGGER_NOTE =
  'the driver is attached to the worker, which switches its time limits off: this shows that work goes on, not how long a worker lives';

/** Runs the built app in a real browser against the real server, with faults by a seeded plan. */
export async function runSoak({ uploads, seed, level, only, onProgress: tell }: SoakOptions): Promise<Report> {
  const planned = planUploads(uploads, level, new Random(seed, 'uploads'));
  const requests = planned.reduce((sum, upload) => sum + countRequests(upload, level), 0);
  const steps = planFaults({ uploads, requests, level, only }, new Random(seed, 'script'));
  const owners = new Map(planned.map(({ name, owner }) => [name, owner]));
  const ledger = new ExchangeLog((file) => owners.get(file));
  const [files, disk] = await Promise.all([tempFolder(), openDisk()]);
  const server = await ServerProcess.start({
    dataDir: disk.dir,
    level,
    host: '127.0.0.1',
    port: 0,
    tokenTtlSeconds: TOKEN_SECONDS,
  });
  const wire = await FaultProxy.open(server.url(), ledger);
  const site = {
    url: () => wire.url(),
    signInLink: async (user: string = USERS[0]) => (await server.signInLink(user)).replace(server.url(), wire.url()),
  };
  const browser = await Browser.start(site, { chunkBytes: CHUNK_BYTES[level] }, ledger, USERS[0]);
  try {
    const hands = new UserActions(browser, level, planned);
    await hands.makeFiles(files.dir, seed);
    const director = new Runner(
      { level, server, disk, proxy: wire, log: ledger, browser, userActions: hands },
      planned,
      steps,
      tell,
    );
    const startedAt = Date.now();
    await director.run();
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const verdict = await judge({ level, planned, userActions: hands, server, browser });
    return {
      ...{ seed, level, uploads, users: USERS.length, bytes: totalBytes(planned), seconds, verdict },
      ...summarizeLog(ledger),
      missed: director.missed,
      interventions: Object.fromEntries(hands.interventions),
      serverCrashes: server.crashes,
      notes: [DEBUGGER_NOTE, ...(disk.cannotFill ? [`the server's disk was never full: ${disk.cannotFill}`] : [])],
    };
  } finally {
    await browser.close();
    wire.close();
    await server.close();
    await disk.remove();
    await files.remove();
  }
}
