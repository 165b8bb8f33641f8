import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { makeFile, type TestFile } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { readAccessToken } from '../../page-objects/browser-db.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 256 * 1024;
const small = { chunkBytes: CHUNK };

describe('credentials during an upload', () => {
  const fixture = withApp({ browser: 'own' });
  let refreshes = 0;
  let refuseRefresh: number | null = null;
  let refuseUploads = false;
  const usedTokens = new Set<string>();
  /** Expired tokens by the token that they replace. */
  const expired = new Map<string, string>();

  beforeAll(() => fixture.app.discoverServer(small));

  beforeEach(() => {
    fixture.server.faults.before = ({ url, headers }) => {
      if (url === '/api/auth/refresh') {
        refreshes++;
        if (refuseRefresh !== null) return { kind: 'status', status: refuseRefresh };
      }
      if (!url.startsWith('/api/batches')) return undefined;
      if (refuseUploads) return { kind: 'status', status: 401, code: 'token_expired' };
      const token = headers.authorization ?? '';
      usedTokens.add(token);
      headers.authorization = expired.get(token) ?? token;
      return url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 60 } : undefined;
    };
  });

  afterEach(() => {
    refuseRefresh = null;
    refuseUploads = false;
    usedTokens.clear();
  });

  /** Expires every token that was used before. */
  async function expireTokens(user: string): Promise<void> {
    const stale = `Bearer ${await fixture.server.issueToken(user, -60)}`;
    for (const token of usedTokens) expired.set(token, stale);
    // A token issued in the same second would be identical.
    const second = Math.floor(Date.now() / 1000);
    await until(() => Math.floor(Date.now() / 1000) > second, 'the next second');
  }

  /**
   * Waits for a number of chunks, then makes the server hold the rest, so that what follows happens
   * in mid-upload.
   */
  async function holdAfter(user: string, count: number): Promise<void> {
    await until(() => fixture.server.acknowledgedChunks(user).length >= count, `${count} chunks of ${user}`);
    await fixture.server.holdChunks();
  }

  /** Queues a file offline and closes every tab, so that a sync event has to send it. */
  async function leaveQueued(user: string, file: TestFile): Promise<void> {
    const tab = await fixture.app.signIn(user, small);
    await fixture.app.context.setOffline(true);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, (row) => row.staged);
    await until(() => tab.evaluate(hasSyncRegistration), 'a sync registration');
    const token = await readAccessToken(tab);
    usedTokens.add(`Bearer ${token}`);
    await fixture.app.closeTabs();
  }

  it('requests new credentials from a tab and sends chunks by ticket', async () => {
    const user = 'present';
    const [long, late] = [
      await makeFile(fixture.folder.dir, 'long.bin', 40 * CHUNK),
      await makeFile(fixture.folder.dir, 'late.bin', 9),
    ];
    const tab = await fixture.app.signIn(user, small);
    await queueFiles(tab, [long.path]);
    await holdAfter(user, 10);
    await expireTokens(user);
    const asked: string[] = [];
    tab.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await queueFiles(tab, [late.path]);
    fixture.server.releaseChunks();
    await waitForRows(tab, 2, isCompleted);
    expect(asked).toContain('/api/auth/refresh');
    expect([...fixture.server.acknowledgedChunks(user)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    );
    await expectArrived(fixture.server, user, long, late);
  });

  it.each([null, 503])('refreshes credentials without a tab, also after a failure (%s)', async (status) => {
    const user = `absent ${status}`;
    const file = await makeFile(fixture.folder.dir, `${user}.bin`, 5 * CHUNK);
    await leaveQueued(user, file);
    await expireTokens(user);
    const before = refreshes;
    refuseRefresh = status;
    await fixture.app.context.setOffline(false);
    await until(() => refreshes > before, 'a refresh request without a tab');
    refuseRefresh = null;
    await until(() => fixture.server.batches.list(user).length > 0, 'the batch of the closed tab');
    await expectArrived(fixture.server, user, file);
  });

  it('resumes by ticket after the worker was killed, without a token', async () => {
    const user = 'ticketed';
    const file = await makeFile(fixture.folder.dir, 'ticketed.bin', 40 * CHUNK);
    const tab = await fixture.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await holdAfter(user, 10);
    await waitForRows(tab, 1, (row) => row.staged);
    await expireTokens(user);
    refuseRefresh = 401;
    await fixture.app.killWorker(tab);
    fixture.server.releaseChunks();
    // The page fires this event when it becomes visible. Its slow timer would do the same within 20
    // s.
    await tab.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')));
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(fixture.server, user, file);
  });

  it('readWaitReason for sign-in without credentials and loses no chunk', async () => {
    const user = 'away';
    const file = await makeFile(fixture.folder.dir, 'away.bin', 40 * CHUNK);
    const tab = await fixture.app.signIn(user, small);
    await queueFiles(tab, [file.path]);
    await holdAfter(user, 10);
    await waitForRows(tab, 1, (row) => row.staged);
    refuseUploads = true;
    refuseRefresh = 401;
    await fixture.app.closeTabs();
    fixture.server.releaseChunks();
    await until(async () => (await readWaitReason(user)) === 'sign-in', 'an upload that readWaitReason for its user');
    expect(fixture.server.batches.list(user)).toEqual([]);
    refuseUploads = false;
    refuseRefresh = null;
    const back = await fixture.app.signIn(user, small);
    await waitForRows(back, 1, isCompleted);
    expect([...fixture.server.acknowledgedChunks(user)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    );
    await expectArrived(fixture.server, user, file);
  });

  it('links a waiting upload to sign-in and resumes it afterwards', async () => {
    const user = 'unbelieved';
    const file = await makeFile(fixture.folder.dir, 'refused.bin', 4 * CHUNK);
    const tab = await fixture.app.signIn(user, small);
    refuseUploads = true;
    await queueFiles(tab, [file.path]);
    // Each attempt requests new credentials first.
    await waitForRows(tab, 1, ({ status }) => status === 'waiting: sign-in');
    await tab.locator('upload-row').getByRole('button', { name: 'Sign in' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    refuseUploads = false;
    await tab.getByLabel('Sign-in link').fill(fixture.server.signInLink(user));
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(fixture.server, user, file);
  });

  async function readWaitReason(user: string): Promise<string | null> {
    const upload = (await fixture.app.uploads()).find(({ ownerId }) => ownerId === user);
    return upload?.status === 'waiting' ? upload.wait.reason : null;
  }
});

/** Whether a sync is registered. lib.dom lacks Background Sync. */
async function hasSyncRegistration(): Promise<boolean> {
  const registration = (await navigator.serviceWorker.ready) as { sync?: { getTags(): Promise<string[]> } };
  return ((await registration.sync?.getTags()) ?? []).length > 0;
}
