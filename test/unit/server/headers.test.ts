import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alone, folder, peer, start } from './peer.ts';

/** The Content-Security-Policy of an answer, by directive. */
function policyIn(headers: Headers): Record<string, string> {
  const directives = (headers.get('Content-Security-Policy') ?? '').split(';').map((directive) => directive.split(' '));
  return Object.fromEntries(directives.map(([name, ...sources]) => [name, sources.join(' ')]));
}

describe('every answer', () => {
  it('keeps a page to its own origin, without inline scripts or styles', async () => {
    const staticDir = await folder();
    await writeFile(join(staticDir, 'index.html'), '<!doctype html>');
    const server = await start({ staticDir, connectSrc: ['https://files.example'] });
    const answers = [
      await fetch(server.url()),
      await fetch(`${server.url()}/some/page`, { headers: { Accept: 'text/html' } }),
      await fetch(`${server.url()}/api/health`),
      await fetch(`${server.url()}/api/none`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404]);
    for (const { headers } of answers) {
      const policy = policyIn(headers);
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
    }
  });

  it('of the API is kept by no cache', async () => {
    const ada = await alone();
    const { batch_id } = (await ada.direct('x')).json;
    for (const path of ['/batches', `/batches/${batch_id}`, `/batches/${batch_id}/files/0`, '/batches/none']) {
      expect((await ada.get(path)).headers.get('Cache-Control')).toContain('no-store');
    }
  });
});

describe('pages of other origins', () => {
  const origin = 'https://app.example';

  it('may call nothing unless they are named', async () => {
    const ada = await alone();
    const preflight = await ada.send('OPTIONS', '/batches/upload', undefined, { Origin: origin });
    const simple = await ada.send('GET', '/batches', undefined, { Origin: origin });
    for (const { headers } of [preflight, simple]) expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
    expect(preflight.status).toBe(404);
  });

  it('that are named may call, and no other; no cache may mix them up', async () => {
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
