import { setTimeout as sleep } from 'node:timers/promises';
import { type Env, environmentFault, type Fault } from './fault.ts';
import { errorResponse } from './faults-responses.ts';
import { USERS } from './upload-plan.ts';

const HOUR_MS = 60 * 60_000;

/** Faults of tabs, worker, browser and their environment. */
export const BROWSER_FAULTS: readonly Fault[] = [
  environmentFault('worker stopped', 5, ({ browser }) => browser.stopWorker()),
  environmentFault('tab closed', 2, async (env, random) => {
    await env.browser.closeTabs();
    await waitForRequests(env, random.whole(1, 20));
  }),
  environmentFault('tab reloaded', 3, ({ browser }) => browser.reload()),
  environmentFault('tab opened', 2, async ({ browser }) => {
    await (await browser.openTab()).close();
  }),
  environmentFault('browser killed and restarted', 2, ({ browser }) => browser.killAndRestart()),
  environmentFault('offline spell', 3, async ({ browser }, random) => {
    await browser.setOffline(true);
    await sleep(random.whole(300, 3000));
    await browser.setOffline(false);
  }),
  environmentFault('new worker version activated', 2, async ({ browser, proxy }) => {
    proxy.appVersion++;
    return (await (await browser.getTab()).evaluate(takeNewWorker)) ? 'hit' : 'missed';
  }),
  environmentFault('clock jumped forward', 2, ({ browser }, random) =>
    browser.shiftClocks(random.whole(1, 48) * HOUR_MS),
  ),
  environmentFault('clock jumped back', 2, ({ browser }, random) =>
    browser.shiftClocks(-random.whole(1, 48) * HOUR_MS),
  ),
  environmentFault('user switched in mid-upload', 2, async ({ browser }) => {
    await browser.signIn(USERS.find((user) => user !== browser.user) ?? USERS[0]);
  }),
  environmentFault('401 with no tab open', 2, async (env, random) => {
    await env.browser.closeTabs();
    env.arm(
      '401 with no tab open',
      errorResponse(401, 'token_expired', () => true),
    );
    await waitForRequests(env, random.whole(5, 20));
    return 'armed';
  }),
];

/** Waits for a number of further requests, or until none arrives any more. */
async function waitForRequests({ log }: Env, count: number): Promise<void> {
  const from = log.exchanges.length;
  for (const giveUpAt = Date.now() + 3000; Date.now() < giveUpAt; await sleep(20)) {
    if (log.exchanges.length >= from + count) return;
  }
}

/**
 * Does what "Reload" does for a new version. Returns false when the server had none. Runs in the
 * page.
 */
async function takeNewWorker(): Promise<boolean> {
  const registration = await navigator.serviceWorker.ready;
  if (!(await registration.update().catch(() => null))) return false;
  while (!registration.waiting) {
    if (!registration.installing) return false;
    await new Promise((resolve) => registration.installing?.addEventListener('statechange', resolve, { once: true }));
  }
  registration.waiting.postMessage({ type: 'SKIP_WAITING' });
  return true;
}
