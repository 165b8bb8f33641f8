import type { Page } from 'playwright-core';
import { launchChromium } from '../../fixtures/chromium.ts';
import { type TestFile, tempFolder } from '../../fixtures/files.ts';
import { queueFiles, TestApp } from '../../page-objects/test-app.ts';
import type { SendOptions } from '../clients/simple-clients.ts';
import type { Servers } from '../servers/servers.ts';
import { waitForAppUploads } from './app-page.ts';
import { buildScript, type Script } from './scripts.ts';

/** A browser with a fresh profile, ready for files. */
export interface Contestant {
  /** The tab that it is controlled by. */
  readonly tab: Page;
  /**
   * Chooses files in the input of the page. Resolves with the time at which the page got them, in
   * ms since 1970: a test driver needs most of a second for thousands of paths.
   */
  chooseFiles(files: readonly Pick<TestFile, 'path'>[]): Promise<number>;
  /** Resolves when the page knows that all files have arrived. */
  waitForArrival(): Promise<void>;
  /** Ends the worker and opens the page again: a new visit with the same profile. */
  revisit(): Promise<void>;
  close(): Promise<void>;
}

/** Servers and settings of a race. */
export interface RaceSetup {
  readonly servers: Servers;
  /** The largest chunk. Unless given, the app chooses, and the others use 50 MiB. */
  readonly chunkBytes: number | undefined;
  /** More settings of the app. */
  readonly settings: object;
}

const DEFAULT_CHUNK_BYTES = 50 * 1024 * 1024;

/**
 * The built app, controlled through its page.
 *
 * @param asOneBatch chooses all files as one batch of photos
 */
export async function openAppContestant(
  { servers, chunkBytes, settings }: RaceSetup,
  asOneBatch = false,
): Promise<Contestant> {
  const app = await TestApp.launch(
    { url: () => servers.api, signInLink: () => servers.signInLink },
    undefined,
    servers.chromiumArgs,
  );
  const tab = await app.signIn('', { ...(chunkBytes !== undefined && { chunkBytes }), ...settings });
  if (asOneBatch) await chooseBatchType(tab);
  let chosen = 0;
  return {
    tab,
    async chooseFiles(files) {
      chosen += asOneBatch ? 1 : files.length;
      await noteChoice(tab);
      await queueFiles(tab, getPaths(files));
      if (asOneBatch) await tab.getByRole('button', { name: `Upload ${files.length.toLocaleString('en')}` }).click();
      return tab.evaluate(readChoice);
    },
    waitForArrival: () => tab.evaluate(waitForAppUploads, chosen),
    async revisit() {
      await app.killWorker(tab);
      await tab.reload();
      await tab.locator('#files').waitFor();
      await tab.evaluate(async () => void (await navigator.serviceWorker.ready));
    },
    close: () => app.close(),
  };
}

/** A client of a script, in a page with nothing but a file input. */
export async function openScriptContestant(name: string, script: Script, setup: RaceSetup): Promise<Contestant> {
  const { servers, chunkBytes = DEFAULT_CHUNK_BYTES } = setup;
  const isOurs = script === 'simple';
  const origin = isOurs ? servers.api : servers.sink;
  const profile = await tempFolder();
  const context = await launchChromium({ profile: profile.dir, args: servers.chromiumArgs });
  const tab = await context.newPage();
  // Any document of the origin except the app, whose worker would answer the requests.
  await tab.goto(isOurs ? `${origin}/api/health` : origin);
  await tab.evaluate(await buildScript(script));
  await prepare(tab, name, { origin, token: servers.token, chunkBytes });
  return {
    tab,
    async chooseFiles(files) {
      await noteChoice(tab);
      await tab.locator('input').setInputFiles(getPaths(files));
      return tab.evaluate(readChoice);
    },
    waitForArrival: () => tab.evaluate(() => window.sent),
    revisit: () => Promise.reject(new Error('This client remembers nothing of a visit.')),
    async close() {
      await context.close();
      await profile.remove();
    },
  };
}

/** Makes the page note when an input gets files. Unlike `change`, `input` leaves a shadow tree. */
async function noteChoice(tab: Page): Promise<void> {
  await tab.evaluate(() => {
    const options = { once: true, capture: true };
    // Not a named function: the compiler would add a helper to it, which the page lacks.
    addEventListener(
      'input',
      () => {
        window.chosenAt = Date.now();
      },
      options,
    );
  });
}

/** Runs in the page. */
function readChoice(): number {
  if (window.chosenAt === undefined) throw new Error('No files were chosen.');
  return window.chosenAt;
}

/** The type of files that the app uploads as one batch, which needs a task. */
async function chooseBatchType(tab: Page): Promise<void> {
  await tab.locator('select[name=uploadType]').selectOption('images');
  await tab.locator('input[name=taskId]').fill('bench');
}

function getPaths(files: readonly Pick<TestFile, 'path'>[]): string[] {
  return files.map(({ path }) => path);
}

/** Sends files as soon as they are chosen. */
async function prepare(tab: Page, name: string, options: SendOptions): Promise<void> {
  await tab.evaluate(
    ([client, clientOptions]) => {
      const send = window.clients[client];
      if (!send) throw new Error(`The script has no client ${client}.`);
      const input = document.createElement('input');
      input.type = 'file';
      input.multiple = true;
      input.onchange = () => {
        window.sent = send([...(input.files ?? [])], clientOptions);
      };
      document.body.append(input);
    },
    [name, options] as const,
  );
}
