import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePublicUrl } from '../../../src/server/http/public-url.ts';
import { isInstalled, openProxy, type Proxy as RunningProxy } from '../../bench/proxies/proxy.ts';
import { launchChromium } from '../../fixtures/chromium.ts';
import { type Folder, makeFile, type TestFile, tempFolder } from '../../fixtures/files.ts';
import { GATE_COOKIE, NGINX_WITH_GATE, NGINX_WITH_PATH } from '../../fixtures/nginx-with-path.ts';
import { startServer, type TestServer, until } from '../../fixtures/test-server.ts';
import { isServerKnown } from '../../page-objects/browser-db.ts';
import { expectPromises } from '../../page-objects/promises.ts';
import { isCompleted, queueFiles, readRows, waitForRows } from '../../page-objects/test-app.ts';

const HAS_NGINX = isInstalled(NGINX_WITH_PATH);
if (!HAS_NGINX) console.log('Skipped: promises behind nginx. Install the Debian package nginx.');

describe.skipIf(!HAS_NGINX)('promises of the page behind nginx', () => {
  let server: TestServer;
  let folder: Folder;
  let file: TestFile;

  beforeAll(async () => {
    server = await startServer({ publicUrl: parsePublicUrl('https://localhost/up/'), trustedProxies: ['127.0.0.1'] });
    folder = await tempFolder();
    // Larger than the default limit of nginx for a request.
    file = await makeFile(folder.dir, 'gated.bin', 3_000_000);
  });

  afterAll(async () => {
    await server?.close();
    await folder?.remove();
  });

  const openTo = (kind: typeof NGINX_WITH_PATH) => openProxy(kind, [Number(new URL(server.url()).port)]);
  const toUrl = (proxy: RunningProxy, path: string) => `https://localhost:${proxy.ports[0]}${path}`;
  const toSignInUrl = (proxy: RunningProxy, user: string) =>
    toUrl(proxy, `/up/${new URL(server.signInLink(user)).hash}`);

  it('shows the sign-in of a network, and continues after it', async () => {
    const proxy = await openTo(NGINX_WITH_GATE);
    const context = await launchChromium({ args: [proxy.chromiumArg] });
    try {
      await context.addCookies([{ ...GATE_COOKIE, url: toUrl(proxy, '/') }]);
      const tab = await context.newPage();
      await tab.goto(toSignInUrl(proxy, 'ada'));
      await tab.locator('#files').waitFor({ state: 'attached' });
      await until(() => isServerKnown(tab), 'the discovery of the server');
      await context.clearCookies({ name: GATE_COOKIE.name });
      // Without an upload the sign-in of the app reaches the gate.
      await tab.reload();
      await tab.getByRole('link', { name: 'Sign in to the network' }).waitFor();
      await queueFiles(tab, [file.path]);
      await expectGate(tab);
      // A reload is answered from the cache of the worker.
      await tab.reload();
      await tab.locator('upload-row').waitFor();
      await expectGate(tab);
      expect(server.batches.list('ada')).toEqual([]);
      await tab.getByRole('link', { name: 'Sign in to the network' }).click();
      await tab.getByRole('heading', { name: 'Gate' }).waitFor();
      await tab.getByRole('link', { name: 'Let me in' }).click();
      await waitForRows(tab, 1, isCompleted);
      expect(tab.url()).toBe(toUrl(proxy, '/up/'));
      await expectPromises(tab, { state: 'Uploaded', banner: '' });
      expect(server.batches.list('ada')).toHaveLength(1);
    } finally {
      await context.close();
      await proxy.close();
    }
  });

  it('names a certificate that is not trusted, and promises nothing', async () => {
    const proxy = await openTo(NGINX_WITH_PATH);
    const context = await launchChromium({ ignoreHTTPSErrors: true });
    try {
      const tab = await context.newPage();
      await tab.goto(toSignInUrl(proxy, 'bob'));
      await tab.locator('#files').waitFor({ state: 'attached' });
      await queueFiles(tab, [file.path]);
      await waitForRows(tab, 1, (row) => row.staged);
      await tab.getByRole('alert').getByText('doesn’t trust the server’s certificate').waitFor();
      await expectPromises(tab, { state: 'Queued', forecast: '', status: '', banner: '' });
      // Nothing was promised, and nothing is sent.
      await tab.reload();
      await tab.getByRole('alert').getByText('doesn’t trust the server’s certificate').waitFor();
      expect((await readRows(tab)).map(({ status, bytes }) => [status, bytes])).toEqual([['queued', 0]]);
      expect(server.batches.list('bob')).toEqual([]);
    } finally {
      await context.close();
      await proxy.close();
    }
  });
});

async function expectGate(tab: Page): Promise<void> {
  await expectPromises(tab, {
    state: 'Your network asks you to sign in',
    forecast: 'Continues once you sign in to your network.',
    status: 'Your network asks you to sign in',
    banner: expect.stringContaining('Your network asks you to sign in.'),
  });
}
