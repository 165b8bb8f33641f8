import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePublicUrl } from '../../../src/server/http/public-url.ts';
import { isInstalled, openProxy } from '../../bench/proxies/proxy.ts';
import { launchChromium } from '../../fixtures/chromium.ts';
import { NGINX_WITH_PATH } from '../../fixtures/nginx-with-path.ts';
import { startServer, type TestServer } from '../../fixtures/test-server.ts';
import { shareFiles } from '../../page-objects/app-page.ts';

const HAS_NGINX = isInstalled(NGINX_WITH_PATH);
if (!HAS_NGINX) console.log('Skipped: the app under a path. Install the Debian package nginx.');

describe.skipIf(!HAS_NGINX)('app under a path of nginx', () => {
  let server: TestServer;
  let proxy: Awaited<ReturnType<typeof openProxy>>;
  let context: BrowserContext;
  let tab: Page;

  beforeAll(async () => {
    server = await startServer({
      publicUrl: parsePublicUrl('https://localhost/up/'),
      trustedProxies: ['127.0.0.1'],
    });
    proxy = await openProxy(NGINX_WITH_PATH, [Number(new URL(server.url()).port)]);
    context = await launchChromium({ args: [proxy.chromiumArg] });
    tab = await context.newPage();
  });

  afterAll(async () => {
    await context?.close();
    await proxy?.close();
    await server?.close();
  });

  const toUrl = (path: string) => `https://localhost:${proxy.ports[0]}${path}`;

  it('signs in, uploads through its worker, and stays signed in', async () => {
    const requests: string[] = [];
    context.on('request', (request) => requests.push(new URL(request.url()).pathname));
    const { hash } = new URL(server.signInLink('ada'));
    await tab.goto(toUrl(`/up/${hash}`));
    await tab.locator('input[type=file]').first().waitFor({ state: 'attached' });
    const scope = await tab.evaluate(async () => (await navigator.serviceWorker.ready).scope);
    expect(scope).toBe(toUrl('/up/'));
    await tab
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
    await expect.poll(() => server.batches.list('ada').length).toBe(1);
    await tab.reload();
    await tab.locator('input[type=file]').first().waitFor({ state: 'attached' });
    expect(requests.filter((path) => !path.startsWith('/up/'))).toEqual([]);
  });

  it('makes links for devices and guests that lead to the app', async () => {
    await tab.locator('account-button button').click();
    await tab.locator('device-list li').first().waitFor();
    const link = tab.getByLabel('Link', { exact: true });
    await tab.getByRole('button', { name: 'Add a device' }).click();
    expect(await link.inputValue()).toMatch(new RegExp(`^${toUrl('/up/#code=')}[\\w-]+$`));
    await tab.getByRole('button', { name: 'Done' }).click();
    await tab.getByRole('button', { name: 'New link' }).click();
    await tab.getByRole('button', { name: 'Create link' }).click();
    const guestLink = await link.inputValue();
    expect(guestLink).toMatch(new RegExp(`^${toUrl('/up/#guest=guest')}`));
    await tab.keyboard.press('Escape');
    await tab.goto(guestLink);
    await tab.getByRole('button', { name: 'Continue as guest' }).click();
    await tab.getByRole('heading', { name: 'Send files to ⁨ada⁩' }).waitFor();
    await tab.getByRole('button', { name: 'Leave' }).click();
    await tab.getByRole('button', { name: 'Account: ⁨ada⁩' }).waitFor();
  });

  it('receives shares, and leads other pages of the path to the app', async () => {
    await shareFiles(tab, ['b.txt']);
    expect(tab.url()).toMatch(/\/up\/\?share=held$/);
    for (const path of ['/up', '/up/some/page', '/up/some']) {
      await tab.goto(toUrl(path));
      expect(tab.url()).toBe(toUrl('/up/'));
    }
  });

  it('can be installed from its path', async () => {
    await tab.goto(toUrl('/up/'));
    const href = await tab.locator('link[rel=manifest]').getAttribute('href');
    const url = new URL(href ?? '', toUrl('/up/'));
    const manifest = await tab.evaluate(async (address) => (await fetch(address)).json(), url.href);
    const resolve = (path: string) => new URL(path, url).pathname;
    expect([manifest.start_url, manifest.scope, manifest.share_target.action].map(resolve)).toEqual([
      '/up/',
      '/up/',
      '/up/share',
    ]);
    for (const { src } of manifest.icons) {
      expect(await tab.evaluate(async (address) => (await fetch(address)).ok, new URL(src, url).href)).toBe(true);
    }
  });
});
