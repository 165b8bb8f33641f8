import { writeFile } from 'node:fs/promises';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { parsePublicUrl } from '../../../../src/server/http/public-url.ts';
import type { ServerOptions } from '../../../../src/server/server-options.ts';
import { isInstalled, openProxy } from '../../../bench/proxies/proxy.ts';
import { NGINX_WITH_PATH } from '../../../fixtures/nginx-with-path.ts';
import { addCleanUp, folder, form, type InspectedServer, start } from '../peer.ts';

const HAS_NGINX = isInstalled(NGINX_WITH_PATH);
if (!HAS_NGINX) console.log('Skipped: tests behind nginx. Install the Debian package nginx.');

interface ProxiedResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends one request over HTTP/2 from an address of this machine. */
async function send(port: number, from: string, headers: Record<string, string>, body = ''): Promise<ProxiedResponse> {
  const options = { host: '127.0.0.1', port, localAddress: from, rejectUnauthorized: false, ALPNProtocols: ['h2'] };
  const session = connect(`https://localhost:${port}`, { createConnection: () => connectTls(options) });
  session.on('error', () => undefined);
  const stream = session.request(headers, { endStream: body === '' });
  if (body !== '') stream.end(body);
  let text = '';
  stream.setEncoding('utf8').on('data', (data) => {
    text += data;
  });
  const response = new Promise<IncomingHttpHeaders>((resolve) => stream.once('response', resolve));
  const { ':status': status = 0, ...rest } = await response;
  await new Promise((resolve) => stream.once('close', resolve));
  session.close();
  return { status: Number(status), headers: rest, text };
}

async function startBehindNginx(
  options: Partial<ServerOptions> = {},
): Promise<{ server: InspectedServer; port: number }> {
  const staticDir = await folder();
  await writeFile(join(staticDir, 'index.html'), '<!doctype html><title>app</title>');
  const publicUrl = parsePublicUrl('https://files.example/up/');
  const server = await start({ staticDir, publicUrl, trustedProxies: ['127.0.0.1'], ...options });
  const proxy = await openProxy(NGINX_WITH_PATH, [Number(new URL(server.url()).port)]);
  addCleanUp(() => proxy.close());
  return { server, port: proxy.ports[0] ?? 0 };
}

describe.skipIf(!HAS_NGINX)('server behind nginx with TLS, HTTP/2 and a path', () => {
  it('serves the app and signs in with a secure cookie of that path', async () => {
    const { server, port } = await startBehindNginx();
    const app = await send(port, '127.0.0.1', { ':path': '/up/', accept: 'text/html' });
    expect([app.status, app.text]).toEqual([200, '<!doctype html><title>app</title>']);
    expect(app.headers['strict-transport-security']).toBe('max-age=31536000');

    const link = new URL(server.signInLink('ada'));
    expect(`${link.origin}${link.pathname}`).toBe('https://files.example/up/');
    const post = { ':method': 'POST', 'content-type': 'application/json' };
    const code = JSON.stringify({ code: link.hash.replace('#code=', '') });
    const signedIn = await send(port, '127.0.0.1', { ...post, ':path': '/up/api/auth/session' }, code);
    const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^__Secure-refresh=.+; Path=\/up\/api\/auth; .*HttpOnly; SameSite=Strict; Secure$/);
    const refresh = { ...post, ':path': '/up/api/auth/refresh', cookie: cookie.split(';')[0] ?? '' };
    expect(JSON.parse((await send(port, '127.0.0.1', refresh, '{}')).text)).toMatchObject({ user_id: 'ada' });
  });

  it('receives uploads up to the limit of nginx', async () => {
    const { server, port } = await startBehindNginx();
    const token = await server.issueToken('ada');
    const upload = async (sizeBytes: number) => {
      const data = form({ upload_type: 'file', file: new Blob(['x'.repeat(sizeBytes)]) });
      const body = new Response(data);
      const type = body.headers.get('Content-Type') ?? '';
      const head = { ':method': 'POST', ':path': '/up/api/batches/upload', authorization: `Bearer ${token}` };
      return send(port, '127.0.0.1', { ...head, 'content-type': type }, await body.text());
    };
    expect((await upload(900_000)).status).toBe(200);
    const refused = await upload(1_100_000);
    expect(refused.status).toBe(413);
    expect(refused.text).not.toContain('"error"');
  });

  it('limits each client by its own address', async () => {
    const { port } = await startBehindNginx({ requestsPerMinute: 2 });
    const list = async (from: string) => (await send(port, from, { ':path': '/up/api/batches' })).status;
    expect([await list('127.0.0.3'), await list('127.0.0.3'), await list('127.0.0.3')]).toEqual([401, 401, 429]);
    expect(await list('127.0.0.4')).toBe(401);
  });
});
