import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { answerWithPage, type StandIn, startStandIn } from '../../fixtures/stand-in.ts';
import { startServer, type TestServer } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { expectNoAxeViolations } from '../../page-objects/axe.ts';
import { expectPromises } from '../../page-objects/promises.ts';
import { isCompleted, queueFiles, TestApp, waitForRows } from '../../page-objects/test-app.ts';

const MB = 1_000_000;
const RETRIES = expect.stringMatching(/^Safe to close\. Retries for N min/);

describe('promises of the page', () => {
  const fixture = withApp({ browser: 'own' });
  const batches = (user: string) => fixture.server.batches.list(user);

  beforeAll(() => fixture.app.discoverServer());

  it('waits for the connection offline, and continues with it', async () => {
    const file = await makeFile(fixture.folder.dir, 'offline.bin', MB);
    const tab = await fixture.app.signIn('offline');
    await fixture.app.context.setOffline(true);
    await queueFiles(tab, [file.path]);
    await expectPromises(tab, {
      state: 'Waiting for connection',
      forecast: expect.stringMatching(/^Safe to close\. Resumes when you/),
      status: expect.stringContaining('Offline'),
      banner: '',
    });
    expect(batches('offline')).toEqual([]);
    await fixture.app.context.setOffline(false);
    await waitForRows(tab, 1, isCompleted);
    expect(batches('offline')).toHaveLength(1);
  });

  it('asks a signed-out user to sign in, and continues afterwards', async () => {
    const file = await makeFile(fixture.folder.dir, 'signed-out.bin', MB);
    const tab = await fixture.app.signIn('expired');
    fixture.server.faults.before = () => ({ kind: 'status', status: 401, code: 'unauthorized' });
    await queueFiles(tab, [file.path]);
    await expectPromises(tab, {
      state: 'Sign in to continue',
      forecast: 'Continues once you sign in.',
      banner: '',
    });
    expect(batches('expired')).toEqual([]);
    fixture.server.faults.before = undefined;
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await tab.getByLabel('Sign-in link').fill(fixture.server.signInLink('expired'));
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await waitForRows(tab, 1, isCompleted);
    expect(batches('expired')).toHaveLength(1);
  });
});

describe('promises of the page behind a proxy', () => {
  const fixture = withApp();
  let standIn: StandIn;
  let app: TestApp;

  beforeAll(async () => {
    standIn = await startStandIn(() => fixture.server.url());
    const signInLink = (user = '') => `${standIn.url()}/${new URL(fixture.server.signInLink(user)).hash}`;
    app = await TestApp.openShared({ url: standIn.url, signInLink });
    await app.discoverServer();
  });

  afterEach(async () => {
    standIn.intercept = null;
    await app.closeTabs();
  });

  afterAll(async () => {
    await app?.close();
    await standIn?.close();
  });

  it.each([
    [
      'the page of a captive portal',
      200,
      {
        state: expect.stringMatching(/^Unexpected response, retrying( in N sec|…)$/),
        status: expect.stringContaining('Unexpected response, retrying'),
        banner: expect.stringContaining('Another page answers instead of the server.'),
      },
    ],
    [
      'the error page of a proxy',
      502,
      {
        state: expect.stringMatching(/^Server unavailable, retrying( in N sec|…)$/),
        status: expect.stringContaining('Server unavailable, retrying'),
        banner: '',
      },
    ],
  ])('names %s, and continues after it', async (name, status, promises) => {
    const user = name;
    const file = await makeFile(fixture.folder.dir, `${status}.bin`, MB);
    const tab = await app.signIn(user);
    standIn.intercept = answerWithPage(status);
    await queueFiles(tab, [file.path]);
    await expectPromises(tab, { ...promises, forecast: RETRIES });
    // The same while the next round is on its way.
    await tab.getByRole('button', { name: 'Try again' }).waitFor();
    expect(fixture.server.batches.list(user)).toEqual([]);
    standIn.intercept = null;
    await waitForRows(tab, 1, isCompleted);
    expect(fixture.server.batches.list(user)).toHaveLength(1);
    await expectPromises(tab, { state: 'Uploaded', status: '', banner: '' });
  });

  it('keeps the user signed in while a proxy answers with 401', async () => {
    const user = 'behind a gate';
    const file = await makeFile(fixture.folder.dir, '401.bin', MB);
    const tab = await app.signIn(user);
    standIn.intercept = answerWithPage(401);
    await queueFiles(tab, [file.path]);
    const promises = {
      state: 'Your network asks you to sign in',
      forecast: 'Continues once you sign in to your network.',
      status: 'Your network asks you to sign in',
      banner: expect.stringContaining('Your files stay here and continue afterwards.'),
    };
    await expectPromises(tab, promises);
    await expectNoAxeViolations(tab);
    await tab.reload();
    await tab.locator('upload-row').waitFor();
    await expectPromises(tab, promises);
    expect(fixture.server.batches.list(user)).toEqual([]);
    standIn.intercept = null;
    await waitForRows(tab, 1, isCompleted);
    expect(fixture.server.batches.list(user)).toHaveLength(1);
  });
});

describe('promises of the page about a server of another origin', () => {
  const allowedOrigins: string[] = [];
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ allowedOrigins });
  });

  afterAll(() => server?.close());

  const fixture = withApp({ server: () => ({ connectSrc: [server.url()] }) });

  it('promises nothing of a server that does not allow it, until it does', async () => {
    const { host } = new URL(server.url());
    const credentials = { userId: 'ada', accessToken: await server.issueToken('ada') };
    const file = await makeFile(fixture.folder.dir, 'foreign.bin', MB);
    const tab = await fixture.app.signIn('ada', { endpoint: `${server.url()}/api`, credentials });
    await queueFiles(tab, [file.path]);
    await expectPromises(tab, {
      state: expect.stringMatching(/^Server unreachable, retrying/),
      forecast: '',
      status: expect.stringMatching(/^Server unreachable, retrying/),
      banner: expect.stringContaining('can’t be reached, or doesn’t allow this page. Ask its administrator.'),
    });
    await tab.getByText(`The server at \u2068${host}\u2069 can’t be reached`).waitFor();
    expect(server.batches.list('ada')).toEqual([]);
    allowedOrigins.push(new URL(fixture.server.url()).origin);
    await waitForRows(tab, 1, isCompleted);
    expect(server.batches.list('ada')).toHaveLength(1);
  });
});
