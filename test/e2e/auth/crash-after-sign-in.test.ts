import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { type Folder, makeFile, type TestFile, tempFolder } from '../../fixtures/files.ts';
import { startServer, type TestServer, until } from '../../fixtures/test-server.ts';
import { isCompleted, queueFiles, TestApp, waitForRows } from '../../page-objects/test-app.ts';

describe('a browser that is killed seconds after a first sign-in', () => {
  let server: TestServer;
  let app: TestApp;
  let folder: Folder;

  beforeAll(async () => {
    [server, folder] = [await startServer(), await tempFolder()];
  });

  beforeEach(async () => {
    app = await TestApp.launch(server);
  });

  afterEach(async () => {
    server.faults.before = undefined;
    await app.close();
  });

  afterAll(async () => {
    await server.close();
    await folder.remove();
  });

  /** Signs in, queues a file that the server does not take, and restarts the killed browser. */
  async function crash(user: string): Promise<TestFile> {
    const file = await makeFile(folder.dir, `${user}.bin`, 1000);
    server.faults.before = ({ url }) => (url.includes('/upload') ? { kind: 'drop' } : undefined);
    const tab = await app.signIn(user);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ staged }) => staged);
    app = await TestApp.launch(server, await app.kill());
    // A slow machine may have given Chromium the time to store the cookie.
    await app.context.clearCookies();
    return file;
  }

  const hasRefreshCookie = async () => (await app.context.cookies(`${server.url()}/api/auth`)).length > 0;

  it('shows the queue and signs in again with the same link, without the user', async () => {
    const file = await crash('newcomer');
    server.faults.before = undefined;
    const tab = await app.openTab();
    await waitForRows(tab, 1, isCompleted);
    await tab.getByRole('button', { name: 'Sign out' }).waitFor();
    await until(hasRefreshCookie, 'a new refresh cookie');
    await expectArrived(server, 'newcomer', file);
  });

  it('stays signed in without a cookie while its access token is good', async () => {
    const file = await crash('visitor');
    server.faults.before = ({ url }) =>
      url.endsWith('/auth/session') ? { kind: 'status', status: 401, code: 'bad_code' } : undefined;
    const tab = await app.openTab();
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(server, 'visitor', file);
    await tab.reload();
    await waitForRows(tab, 1, isCompleted);
    expect(await hasRefreshCookie()).toBe(false);
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Keep and sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    await tab.reload();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
  });

  it('signs out without a cookie when the server refuses the access token', async () => {
    await crash('expired');
    server.faults.before = ({ url }) => {
      if (url.endsWith('/auth/session')) return { kind: 'status', status: 401, code: 'bad_code' };
      return url.startsWith('/api/batches') ? { kind: 'status', status: 401, code: 'token_expired' } : undefined;
    };
    const tab = await app.openTab();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
  });
});
