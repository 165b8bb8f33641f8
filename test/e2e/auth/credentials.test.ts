import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { makeFile, type TestFile } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { readAccessToken } from '../../page-objects/browser-db.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 256 * 1024;
const small = { chunkBytes: CHUNK };

describe('signing in and out in the middle of uploads', () => {
  const made = withApp({ browser: 'own' });
  let refreshes = 0;
  let refuseRefresh: number | null = null;
  let refuseUploads = false;
  const seen = new Set<string>();
  /** Tokens that have run out, each with what stands for it: the same, but expired. */
  const expired = new Map<string, string>();

  beforeAll(() => made.app.discoverServer(small));

  beforeEach(() => {
    made.server.faults.before = ({ url, headers }) => {
      if (url === '/api/auth/refresh') {
        refreshes++;
        if (refuseRefresh !== null) return { kind: 'status', status: refuseRefresh };
      }
      if (!url.startsWith('/api/batches')) return undefined;
      if (refuseUploads) return { kind: 'status', status: 401, code: 'token_expired' };
      const token = headers.authorization ?? '';
      seen.add(token);
      headers.authorization = expired.get(token) ?? token;
      return url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 60 } : undefined;
    };
  });

  afterEach(() => {
    refuseRefresh = null;
    refuseUploads = false;
    seen.clear();
  });

  /** From now on no token that was used before is good any more. */
  async function expireTokens(user: string): Promise<void> {
    const stale = `Bearer ${await made.server.issueToken(user, -60)}`;
    for (const token of seen) expired.set(token, stale);
    // A token of the same second would be the same.
    const second = Math.floor(Date.now() / 1000);
    await until(() => Math.floor(Date.now() / 1000) > second, 'the next second');
  }

  /** Waits until so many chunks have arrived, and has the server hold back the rest until it is released: whatever comes between comes in the middle. */
  async function holdAfter(user: string, count: number): Promise<void> {
    await until(() => made.server.acknowledgedChunks(user).length >= count, `${count} chunks of ${user}`);
    await made.server.holdChunks();
  }

  /** Queues a file while offline and closes every tab, so that a sync event has to send it. */
  async function leaveQueued(user: string, file: TestFile): Promise<void> {
    const tab = await made.app.signIn(user, small);
    await made.app.context.setOffline(true);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, (row) => row.staged);
    await until(() => tab.evaluate(hasAlarm), 'an alarm');
    const token = await readAccessToken(tab);
    seen.add(`Bearer ${token}`);
    await made.app.closeTabs();
  }

  it('asks an open tab for a token when the one in use has run out; a session’s chunks go on by its ticket', async () => {
    const user = 'present';
    const [long, late] = [
      await makeFile(made.folder.dir, 'long.bin', 40 * CHUNK),
      await makeFile(made.folder.dir, 'late.bin', 9),
    ];
    const tab = await made.app.signIn(user, small);
    await queueFiles(tab, [long.path]);
    await holdAfter(user, 10);
    await expireTokens(user);
    const asked: string[] = [];
    tab.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await queueFiles(tab, [late.path]);
    made.server.releaseChunks();
    await waitForRows(tab, 2, isCompleted);
    expect(asked).toContain('/api/auth/refresh');
    expect([...made.server.acknowledgedChunks(user)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    );
    await expectArrived(made.server, user, long, late);
  });

  it.each([null, 503])(
    'asks the refresh endpoint while no tab is open, also one that is busy at first (%s)',
    async (status) => {
      const user = `absent ${status}`;
      const file = await makeFile(made.folder.dir, `${user}.bin`, 5 * CHUNK);
      await leaveQueued(user, file);
      await expireTokens(user);
      const before = refreshes;
      refuseRefresh = status;
      await made.app.context.setOffline(false);
      await until(() => refreshes > before, 'a refresh without a tab');
      refuseRefresh = null;
      await until(() => made.server.batches.list(user).length > 0, 'the batch of a tab that is closed');
      await expectArrived(made.server, user, file);
    },
  );

  it('goes on by the ticket alone after the worker was killed, when no token is to be had', async () => {
    const user = 'ticketed';
    const file = await makeFile(made.folder.dir, 'ticketed.bin', 40 * CHUNK);
    const tab = await made.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await holdAfter(user, 10);
    await waitForRows(tab, 1, (row) => row.staged);
    await expireTokens(user);
    refuseRefresh = 401;
    await made.app.killWorker(tab);
    made.server.releaseChunks();
    // What the page hears when somebody looks at it again; without it the slow timer would do the same within 20 s.
    await tab.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')));
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(made.server, user, file);
  });

  it('waits for its user where there is neither, and loses no chunk by it', async () => {
    const user = 'away';
    const file = await makeFile(made.folder.dir, 'away.bin', 40 * CHUNK);
    const tab = await made.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await holdAfter(user, 10);
    await waitForRows(tab, 1, (row) => row.staged);
    refuseUploads = true;
    refuseRefresh = 401;
    await made.app.closeTabs();
    made.server.releaseChunks();
    await until(async () => (await waits(user)) === 'sign-in', 'an upload that waits for its user');
    expect(made.server.batches.list(user)).toEqual([]);
    refuseUploads = false;
    refuseRefresh = null;
    const back = await made.app.signIn(user, small);
    await waitForRows(back, 1, isCompleted);
    expect([...made.server.acknowledgedChunks(user)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    );
    await expectArrived(made.server, user, file);
  });

  it('is said by the upload that waits for it, which leads to it and goes on after it', async () => {
    const user = 'unbelieved';
    const file = await makeFile(made.folder.dir, 'refused.bin', 4 * CHUNK);
    const tab = await made.app.signIn(user, small);
    refuseUploads = true;
    await queueFiles(tab, [file.path]);
    // Each of its attempts asks for another token first.
    await waitForRows(tab, 1, ({ status }) => status === 'waiting: sign-in');
    await tab.locator('upload-row').getByRole('button', { name: 'Sign in' }).click();
    await tab.getByRole('heading', { name: 'Sign in to send' }).waitFor();
    refuseUploads = false;
    await tab.getByLabel('Sign-in link').fill(made.server.signInLink(user));
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(made.server, user, file);
  });

  async function waits(user: string): Promise<string | null> {
    const upload = (await made.app.uploads()).find(({ ownerId }) => ownerId === user);
    return upload?.status === 'waiting' ? upload.wait.reason : null;
  }
});

/** Whether a Background Sync is registered; lib.dom does not know it. */
async function hasAlarm(): Promise<boolean> {
  const registration = (await navigator.serviceWorker.ready) as { sync?: { getTags(): Promise<string[]> } };
  return ((await registration.sync?.getTags()) ?? []).length > 0;
}
