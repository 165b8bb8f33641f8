import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { CHROMIUM_ARGS, findChromium } from './fixtures/chromium.ts';

const root = join(import.meta.dirname, '..');

/**
 * Test files that run at the same time, whatever the number of cores: an end-to-end test mostly
 * waits for timers, disks and the network.
 */
export const MAX_WORKERS = 3;

/** Real databases, disks and browsers answer late on a busy machine. */
const PATIENT = { testTimeout: 30_000, expect: { poll: { timeout: 20_000 } } };
const END_TO_END = { testTimeout: 120_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } };
const SLOW_TESTS = 'test/**/*.slow.test.ts';

/** `npm run unit`, `npm test` and `npm run test:slow` choose among these by name. */
export const projects: TestProjectInlineConfiguration[] = [
  { test: { name: 'unit', root, include: ['test/unit/**/*.test.ts'], ...PATIENT } },
  {
    test: {
      name: 'browser',
      root,
      include: ['test/browser/**/*.test.ts'],
      globalSetup: ['test/fixtures/require-chromium.ts'],
      ...PATIENT,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { ...findExecutable(), args: CHROMIUM_ARGS } }),
        instances: [{ browser: 'chromium' as const }],
      },
    },
  },
  {
    test: {
      name: 'e2e',
      root,
      include: ['test/e2e/**/*.test.ts'],
      exclude: [SLOW_TESTS],
      globalSetup: ['test/fixtures/require-chromium.ts'],
      // Files of one worker share its browser.
      isolate: false,
      ...END_TO_END,
    },
  },
  { test: { name: 'faults', root, include: ['test/faults/**/*.test.ts'], exclude: [SLOW_TESTS], ...END_TO_END } },
  { test: { name: 'slow', root, include: [SLOW_TESTS], ...END_TO_END } },
  { test: { name: 'engines', root, include: ['test/engines/**/*.test.ts'], ...END_TO_END, hookTimeout: 120_000 } },
];

/** A build and the unit tests need no browser; `require-chromium.ts` reports a missing one. */
function findExecutable(): { executablePath?: string } {
  try {
    return { executablePath: findChromium() };
  } catch {
    return {};
  }
}
