import { describe, expect, it } from 'vitest';
import { createProxyCheck, parsePublicUrl, removeBasePath } from '../../../../src/server/http/public-url.ts';
import { startServerProcess } from '../../../fixtures/server-process.ts';
import { folder, peer, refusal, start } from '../peer.ts';

const CLIENT = '203.0.113.7';
const forwarded = { headers: { 'X-Forwarded-For': CLIENT } };

describe('X-Forwarded-For', () => {
  it.each([
    ['names the client in the log when a trusted proxy sends it', '127.0.0.0/8', CLIENT],
    ['is ignored when the sender is no trusted proxy', '10.0.0.0/8', '127.0.0.1'],
  ])('%s', async (_title, proxies, address) => {
    const env = { DATA_DIR: await folder(), HOST: '127.0.0.1', LOG_LEVEL: 'info', TRUSTED_PROXIES: proxies };
    const server = await startServerProcess({ env });
    await fetch(`http://127.0.0.1:${new URL(server.url()).port}/api/health`, forwarded);
    await server.stop();
    expect(server.log()).toContain(`"remoteAddress":"${address}"`);
  });

  it('separates the request limits of clients only behind a trusted proxy', async () => {
    for (const [trustedProxies, status] of [
      [['127.0.0.1'], 401],
      [[], 429],
    ] as const) {
      const server = await start({ trustedProxies, requestsPerMinute: 1 });
      await fetch(`${server.url()}/api/batches`, { headers: { 'X-Forwarded-For': '203.0.113.8' } });
      expect((await fetch(`${server.url()}/api/batches`, forwarded)).status).toBe(status);
    }
  });
});

describe('request limit of one user', () => {
  it('counts all addresses together, and no other user', async () => {
    const server = await start({ userRequestsPerMinute: 2, trustedProxies: ['127.0.0.1'] });
    const [ada, bob] = [await peer(server, 'ada'), await peer(server, 'bob')];
    const list = (from: string) => ada.send('GET', '/batches', undefined, { 'X-Forwarded-For': from });
    expect((await list('203.0.113.1')).status).toBe(200);
    expect((await list('203.0.113.2')).status).toBe(200);
    const refused = await list('203.0.113.3');
    expect(refusal(refused)).toBe('429 too_many_requests');
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect((await bob.get('/batches')).status).toBe(200);
  });

  it('leaves health checks alone', async () => {
    const server = await start({ requestsPerMinute: 1 });
    for (let n = 0; n < 3; n++) expect((await fetch(`${server.url()}/api/health`)).status).toBe(200);
  });
});

describe('public URL', () => {
  it.each([
    ['http://files.example', 'refresh=', 'Path=/api/auth', false],
    ['https://files.example', '__Host-refresh=', 'Path=/;', true],
    ['https://files.example/up', '__Secure-refresh=', 'Path=/up/api/auth;', true],
  ])('decides the refresh cookie: %s', async (url, name, path, isSecure) => {
    const server = await start({ publicUrl: parsePublicUrl(url) });
    const code = new URL(server.signInLink()).hash.replace('#code=', '');
    const response = await fetch(`${server.url()}/api/auth/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    const cookie = response.headers.get('Set-Cookie') ?? '';
    expect(cookie).toMatch(new RegExp(`^${name}`));
    expect(cookie).toContain(path);
    expect(cookie.includes('; Secure')).toBe(isSecure);
    expect(response.headers.has('Strict-Transport-Security')).toBe(isSecure);
  });

  it('has a path that is removed from whole segments only', () => {
    const rest = (url: string) => removeBasePath(url, '/up');
    expect(['/up', '/up?a', '/up/api/health', '/api/health', '/upload'].map(rest)).toEqual([
      '/',
      '/?a',
      '/api/health',
      '/api/health',
      '/upload',
    ]);
  });
});

describe('addresses of trusted proxies', () => {
  it('match in both families, also where IPv6 carries IPv4', () => {
    const isProxy = createProxyCheck(['10.0.0.0/8', 'fd00::/8', '192.0.2.1']);
    const addresses = ['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1', '192.0.2.1', '192.0.2.2', '11.0.0.1', 'fe80::1', ''];
    expect(addresses.map(isProxy)).toEqual([true, true, true, true, false, false, false, false]);
  });
});
