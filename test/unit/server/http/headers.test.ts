import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, peer, start, startWithPeer } from '../peer.ts';

/** Parses the Content-Security-Policy by directive. */
function parsePolicy(headers: Headers): Record<string, string> {
  const directives = (headers.get('Content-Security-Policy') ?? '').split(';').map((directive) => directive.split(' '));
  return Object.fromEntries(directives.map(([name, ...sources]) => [name, sources.join(' ')]));
}

describe('headers of every response', () => {
  it('restricts pages to their origin without inline scripts or styles', async () => {
    const staticDir = await folder();
    await writeFile(join(staticDir, 'index.html'), '<!doctype html>');
    const server = await start({ staticDir, connectSrc: ['https://files.example'] });
    const responses = [
      await fetch(server.url()),
      await fetch(`${server.url()}/some/page`, { headers: { Accept: 'text/html' } }),
      await fetch(`${server.url()}/api/health`),
      await fetch(`${server.url()}/api/none`),
    ];
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 404]);
    for (const { headers } of responses) {
      const policy = parsePolicy(headers);
      expect(policy).toMatchObject({
        'default-src': "'self'",
        'script-src': "'self'",
        'style-src': "'self'",
        'connect-src': "'self' https://files.example",
        'object-src': "'none'",
        'frame-ancestors': "'none'",
        'base-uri': "'none'",
      });
      expect(Object.values(policy).join(' ')).not.toMatch(/unsafe|\*/);
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('Referrer-Policy')).toBe('no-referrer');
      expect(headers.get('X-Powered-By')).toBeNull();
      expect(headers.get('Permissions-Policy')).toContain('geolocation=()');
      expect(headers.has('Strict-Transport-Security')).toBe(false);
    }
  });

  it('forbids caches to store responses of the API', async () => {
    const ada = await startWithPeer();
    const { batch_id } = (await ada.direct('x')).json;
    for (const path of ['/batches', `/batches/${batch_id}`, `/batches/${batch_id}/files/0`, '/batches/none']) {
      expect((await ada.get(path)).headers.get('Cache-Control')).toContain('no-store');
    }
  });
});

describe('files of the app', () => {
  it('have no names that begin with a dot, and no cached 404', async () => {
    const staticDir = await folder();
    await writeFile(join(staticDir, 'index.html'), '<!doctype html>');
    await writeFile(join(staticDir, '.stamp'), 'secret');
    const server = await start({ staticDir });
    for (const path of ['.stamp', '%2estamp', 'none.js', 'api/none']) {
      const response = await fetch(`${server.url()}/${path}`);
      expect([path, response.status, await response.text()]).toEqual([
        path,
        404,
        expect.not.stringContaining('secret'),
      ]);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
    }
  });
});

describe('CORS headers', () => {
  const origin = 'https://app.example';

  it('allows no other origin by default', async () => {
    const ada = await startWithPeer();
    const preflight = await ada.send('OPTIONS', '/batches/upload', undefined, { Origin: origin });
    const simple = await ada.send('GET', '/batches', undefined, { Origin: origin });
    for (const { headers } of [preflight, simple]) expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
    expect(preflight.status).toBe(404);
  });

  it('allows the listed origins only, and varies by origin', async () => {
    const ada = await peer(await start({ allowedOrigins: [origin] }));
    for (const [from, allowed] of [
      [origin, origin],
      ['https://app.example.evil', null],
      ['http://app.example', null],
      ['null', null],
    ] as const) {
      const { headers } = await ada.send('GET', '/batches', undefined, { Origin: from });
      expect(headers.get('Access-Control-Allow-Origin')).toBe(allowed);
      expect(headers.get('Access-Control-Allow-Credentials')).toBeNull();
      expect(headers.get('Vary')).toContain('Origin');
    }
  });
});
