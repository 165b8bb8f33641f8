import type { Page } from 'playwright-core';
import { createUploadPerState, storeUploads } from '../fixtures/stored-uploads.ts';
import { until } from '../fixtures/test-server.ts';
import { DESKTOP, PHONE, setLanguage } from './app-page.ts';
import type { TestApp } from './test-app.ts';

/**
 * Far in the future, because the worker uses the real clock and removes uploads that ended long
 * ago. At noon the date is the same in nearly every time zone.
 */
const NOW = new Date('2099-05-12T12:00:00Z');
const GB = 1e9;

/** A picture of the page and the name of its file. */
export interface Picture {
  readonly name: string;
  readonly png: Buffer;
}

/** A state of the app that has a stored picture. */
interface VisualState {
  readonly name: string;
  readonly user: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
  /** As in the high-contrast themes of Windows. */
  readonly forcedColors?: 'active';
  readonly language?: 'ar';
  /** Brings the page of a signed-in user without uploads into this state. */
  prepare(tab: Page, user: string): Promise<void>;
}

const queued = async (tab: Page, user: string) => {
  await storeUploads(tab, createUploadPerState(user, NOW.getTime()));
  // The summary is complete when the whole queue is loaded.
  await tab.locator('queue-summary section:not([aria-busy])').waitFor();
  // Chunk maps and chart appear when their data and script are loaded, which a slow machine may
  // delay beyond two equal pictures.
  await until(() => tab.evaluate(areChunkMapsLoaded), 'the chunk maps');
  await tab.locator('throughput-view canvas').waitFor({ state: 'attached' });
};
const empty = async (tab: Page) => tab.locator('empty-queue').waitFor();
const signedOut = async (tab: Page) => {
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
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

/** Takes a picture of a state with fixed time, storage and theme. */
export async function takePicture(app: TestApp, pose: VisualState): Promise<Picture> {
  const tab = await app.signIn(pose.user);
  await tab.clock.setFixedTime(NOW);
  await tab.addInitScript((usage) => {
    navigator.storage.estimate = async () => ({ usage, quota: 50 * usage });
    // Chromium offers to install the app at a time of its choice.
    addEventListener('beforeinstallprompt', (event) => event.stopImmediatePropagation(), { capture: true });
  }, GB);
  const { colorScheme, forcedColors = 'none' } = pose;
  await tab.emulateMedia({ colorScheme, forcedColors, reducedMotion: 'reduce' });
  await tab.setViewportSize(pose.size);
  await tab.reload();
  await tab.locator('app-footer').waitFor();
  // Before the state is prepared, because it reloads the page.
  if (pose.language) await setLanguage(tab, pose.language);
  await pose.prepare(tab, pose.user);
  await tab.locator('status-bar .storage', { hasText: /\d/ }).waitFor();
  // The pointer must not hover a row.
  await tab.mouse.move(0, 0);
  const png = await takeStableScreenshot(tab);
  if (pose.language) await setLanguage(tab, 'en');
  await app.closeTabs();
  return { name: pose.name, png };
}

/**
 * A sample of text. Where it differs from the stored one, fonts or browser differ, and so would
 * every picture.
 */
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

/** Whether every rendered row has its chunk states. Runs in the page. */
function areChunkMapsLoaded(): boolean {
  const list = document
    .querySelector('upload-app')
    ?.shadowRoot?.querySelector('queue-view')
    ?.shadowRoot?.querySelector('upload-list');
  const rows = Array.from(list?.shadowRoot?.querySelectorAll('upload-row') ?? []);
  const maps = rows.map((row) => row.shadowRoot?.querySelector<HTMLElement & { states: Uint8Array }>('chunk-map'));
  return maps.length > 0 && maps.every((map) => (map?.states.length ?? 0) > 0);
}

/** Takes pictures until two in a row are equal. */
async function takeStableScreenshot(tab: Page): Promise<Buffer> {
  for (let before: Buffer = Buffer.alloc(0); ; ) {
    const now = await tab.screenshot({ animations: 'disabled', caret: 'hide' });
    if (now.equals(before)) return now;
    before = now;
  }
}
