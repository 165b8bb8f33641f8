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
  'Playwright is attached to the worker, which disables its time limits: this shows that uploads continue, not how long a worker lives';

/** Runs the built app in a real browser against the real server, with faults by a seeded plan. */
export async function runSoak({ uploads, seed, level, only, onProgress: tell }: SoakOptions): Promise<Report> {
  const planned = planUploads(uploads, level, new Random(seed, 'uploads'));
  const requests = planned.reduce((sum, upload) => sum + countRequests(upload, level), 0);
  const steps = planFaults({ uploads, requests, level, only }, new Random(seed, 'script'));
  const owners = new Map(planned.map(({ name, owner }) => [name, owner]));
  const log = new ExchangeLog((file) => owners.get(file));
  const [files, disk] = await Promise.all([tempFolder(), openDisk()]);
  const server = await ServerProcess.start({
    dataDir: disk.dir,
    level,
    host: '127.0.0.1',
    port: 0,
    tokenTtlSeconds: TOKEN_SECONDS,
  });
  const proxy = await FaultProxy.open(server.url(), log);
  const site = {
    url: () => proxy.url(),
    signInLink: async (user: string = USERS[0]) => (await server.signInLink(user)).replace(server.url(), proxy.url()),
  };
  const browser = await Browser.start(site, { chunkBytes: CHUNK_BYTES[level] }, log, USERS[0]);
  try {
    const userActions = new UserActions(browser, level, planned);
    await userActions.makeFiles(files.dir, seed);
    const runner = new Runner({ level, server, disk, proxy, log, browser, userActions }, planned, steps, tell);
    const startedAt = Date.now();
    await runner.run();
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const verdict = await judge({ level, planned, userActions, server, browser });
    return {
      ...{ seed, level, uploads, users: USERS.length, bytes: totalBytes(planned), seconds, verdict },
      ...summarizeLog(log),
      missed: runner.missed,
      interventions: Object.fromEntries(userActions.interventions),
      serverCrashes: server.crashes,
      notes: [DEBUGGER_NOTE, ...(disk.cannotFill ? [`the disk of the server was never full: ${disk.cannotFill}`] : [])],
    };
  } finally {
    await browser.close();
    proxy.close();
    await server.close();
    await disk.remove();
    await files.remove();
  }
}
