import type { Page } from 'playwright-core';
import { createUploadPerState, storeUploads } from '../fixtures/stored-uploads.ts';
import { until } from '../fixtures/test-server.ts';
import { DESKTOP, PHONE, setLanguage } from './app-page.ts';
import type { TestApp } from './test-app.ts';

/** Far off, because the worker's clock is the machine's, and it removes what ended long ago; at noon it is the same day nearly everywhere. */
const NOW = new Date('2099-05-12T12:00:00Z');
const GB = 1e9;

/** A picture of the page, by the name of its file. */
export interface Picture {
  readonly name: string;
  readonly png: Buffer;
}

/** One of the states that pictures are kept of. */
interface VisualState {
  readonly name: string;
  readonly user: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
  /** As Windows has it in its high-contrast themes. */
  readonly forcedColors?: 'active';
  readonly language?: 'ar';
  /** Brings a page in which the user is signed in, without any upload, into this state. */
  prepare(tab: Page, user: string): Promise<void>;
}

const queued = async (tab: Page, user: string) => {
  await storeUploads(tab, createUploadPerState(user, NOW.getTime()));
  // Added up when the whole of it is read.
  await tab.locator('queue-summary section:not([aria-busy])').waitFor();
  // Maps and chart come when their chunks are read and its script is there: a slow machine stands still before that too.
  await until(() => tab.evaluate(areChunkMapsLoaded), 'the maps');
  await tab.locator('throughput-view canvas').waitFor({ state: 'attached' });
};
const empty = async (tab: Page) => tab.locator('empty-queue').waitFor();
const signedOut = async (tab: Page) => {
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await tab.getByRole('heading', { name: 'Sign in to send' }).waitFor();
};

const CONTRAST = { forcedColors: 'active' } as const;

export const VISUAL_STATES: readonly VisualState[] = [
  { name: 'queue-desktop-light', user: 'ada', size: DESKTOP, colorScheme: 'light', prepare: queued },
  { name: 'queue-desktop-dark', user: 'bea', size: DESKTOP, colorScheme: 'dark', prepare: queued },
  { name: 'queue-desktop-rtl', user: 'cyd', size: DESKTOP, colorScheme: 'light', language: 'ar', prepare: queued },
  { name: 'queue-phone-light', user: 'dee', size: PHONE, colorScheme: 'light', prepare: queued },
  { name: 'queue-phone-dark', user: 'eve', size: PHONE, colorScheme: 'dark', prepare: queued },
  { name: 'queue-phone-rtl', user: 'fay', size: PHONE, colorScheme: 'dark', language: 'ar', prepare: queued },
  { name: 'queue-desktop-contrast', user: 'ida', size: DESKTOP, ...CONTRAST, colorScheme: 'dark', prepare: queued },
  { name: 'queue-phone-contrast', user: 'jon', size: PHONE, ...CONTRAST, colorScheme: 'light', prepare: queued },
  { name: 'empty-desktop-light', user: 'gil', size: DESKTOP, colorScheme: 'light', prepare: empty },
  { name: 'signed-out-phone-light', user: 'hal', size: PHONE, colorScheme: 'light', prepare: signedOut },
];

/** What the page looks like in a state; what differs from machine to machine and from day to day is fixed. */
export async function takePicture(app: TestApp, pose: VisualState): Promise<Picture> {
  const tab = await app.signIn(pose.user);
  await tab.clock.setFixedTime(NOW);
  await tab.addInitScript((usage) => {
    navigator.storage.estimate = async () => ({ usage, quota: 50 * usage });
    // Chromium offers to install the app when it finds the time for it.
    addEventListener('beforeinstallprompt', (event) => event.stopImmediatePropagation(), { capture: true });
  }, GB);
  const { colorScheme, forcedColors = 'none' } = pose;
  await tab.emulateMedia({ colorScheme, forcedColors, reducedMotion: 'reduce' });
  await tab.setViewportSize(pose.size);
  await tab.reload();
  await tab.locator('app-footer').waitFor();
  // Before the queue is waited for: it loads the page anew.
  if (pose.language) await setLanguage(tab, pose.language);
  await pose.prepare(tab, pose.user);
  await tab.locator('status-bar .storage', { hasText: /\d/ }).waitFor();
  // No row is hovered, wherever the pointer was before.
  await tab.mouse.move(0, 0);
  const png = await takeStableScreenshot(tab);
  if (pose.language) await setLanguage(tab, 'en');
  await app.closeTabs();
  return { name: pose.name, png };
}

/** Text as this browser and these fonts draw it: where that differs, every picture does, and none says anything of the app. */
export async function takeTextSample(app: TestApp): Promise<Picture> {
  const tab = await app.context.newPage();
  await tab.setViewportSize({ width: 480, height: 100 });
  await tab.setContent(`<body style="font: 16px system-ui, sans-serif">
    <p>Hamburgefonstiv 0123456789 · <b>Überquer “fi” …</b></p>
    <p><small>كلُّ شيء هنا</small> <code>b-7f3a</code> <button>OK</button></p>`);
  const png = await takeStableScreenshot(tab);
  await tab.close();
  return { name: 'text', png };
}

/** Whether it is known of each row in the page what its chunks are at. Runs in the page. */
function areChunkMapsLoaded(): boolean {
  const list = document
    .querySelector('upload-app')
    ?.shadowRoot?.querySelector('queue-view')
    ?.shadowRoot?.querySelector('upload-list');
  const rows = Array.from(list?.shadowRoot?.querySelectorAll('upload-row') ?? []);
  const maps = rows.map((row) => row.shadowRoot?.querySelector<HTMLElement & { states: Uint8Array }>('chunk-map'));
  return maps.length > 0 && maps.every((map) => (map?.states.length ?? 0) > 0);
}

/** The picture once two in a row are the same: what is read is drawn a moment later. */
async function takeStableScreenshot(tab: Page): Promise<Buffer> {
  for (let before: Buffer = Buffer.alloc(0); ; ) {
    const now = await tab.screenshot({ animations: 'disabled', caret: 'hide' });
    if (now.equals(before)) return now;
    before = now;
  }
}
