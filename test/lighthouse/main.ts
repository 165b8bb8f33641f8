// Audits the built app with Lighthouse, signed out, empty and with every state: `npm run
// lighthouse`. Fails below 100.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launchChromium } from '../fixtures/chromium.ts';
import { tempFolder } from '../fixtures/files.ts';
import { createUploadPerState, storeUploads } from '../fixtures/stored-uploads.ts';
import { startServer } from '../fixtures/test-server.ts';

const USER = 'ada';
const CATEGORIES = ['accessibility', 'best-practices'];
// High enough to avoid scrolling: the footer would cover content, which the rules report as too
// small.
const HIGH = '--screenEmulation.height=3000';
const PRESETS = { phone: [HIGH], desktop: ['--preset=desktop', HIGH] } as const;

/** The parts of a report that are used. */
interface Report {
  readonly categories: Readonly<Record<string, Category>>;
  readonly audits: Readonly<Record<string, { readonly title: string; readonly score: number | null }>>;
}

interface Category {
  readonly score: number | null;
  readonly auditRefs: readonly { readonly id: string; readonly weight: number }[];
}

/**
 * Loads a page in the open browser and returns its scores and what reduced them. A separate process
 * keeps the types of Lighthouse out.
 */
async function audit(port: string, url: string, flags: readonly string[]): Promise<string> {
  const program = join(import.meta.dirname, 'node_modules/lighthouse/cli/index.js');
  // The storage holds credentials and queue, so Lighthouse must not clear it.
  const options = [`--port=${port}`, '--output=json', '--quiet', '--disable-storage-reset'];
  const only = `--only-categories=${CATEGORIES.join(',')}`;
  const args = [program, url, ...options, only, ...flags];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e9 });
  const { categories, audits } = JSON.parse(stdout) as Report;
  const results = Object.entries(categories).map(([name, { score, auditRefs }]) => {
    if (score !== 1) process.exitCode = 1;
    const failed = auditRefs.filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 1);
    return [`${name} ${Math.round((score ?? 0) * 100)}`, ...failed.map(({ id }) => audits[id]?.title ?? id)].join(', ');
  });
  return results.join('; ');
}

const server = await startServer();
const profile = await tempFolder();
const context = await launchChromium({ profile: profile.dir, args: ['--remote-debugging-port=0'] });
try {
  const [port = ''] = (await readFile(join(profile.dir, 'DevToolsActivePort'), 'utf8')).split('\n');
  const tab = await context.newPage();
  const auditState = async (state: string) => {
    for (const [preset, flags] of Object.entries(PRESETS)) {
      console.log(`${state}, ${preset}: ${await audit(port, `${server.url()}/`, flags)}`);
    }
  };
  await auditState('signed out');
  await tab.goto(server.signInLink(USER));
  await tab.locator('empty-queue').waitFor();
  await auditState('empty queue');
  await storeUploads(tab, createUploadPerState(USER));
  await tab.locator('upload-row').first().waitFor();
  await auditState('every state');
} finally {
  await context.close();
  await server.close();
  await profile.remove();
}
