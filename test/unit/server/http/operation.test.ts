import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Metrics } from '../../../../src/server/http/metrics.ts';
import { Readiness } from '../../../../src/server/readiness.ts';
import { startServerProcess } from '../../../fixtures/server-process.ts';
import { openSocket } from '../chunk-socket.ts';
import { addCleanUp, folder, Peer, peer, refusal, start, startWithPeer } from '../peer.ts';

/** Where nothing can be written, for whichever user. */
async function breakTempFolder(dataDir: string): Promise<() => Promise<void>> {
  const [temp, away] = [join(dataDir, 'temp'), join(dataDir, 'away')];
  await rename(temp, away);
  await writeFile(temp, '');
  return async () => {
    await rm(temp);
    await rename(away, temp);
  };
}

describe('readiness', () => {
  it('is given while bytes can be stored, and leaves no file', async () => {
    const dataDir = await folder();
    const stranger = new Peer(await start({ dataDir }), null);
    expect((await stranger.get('/ready')).json).toEqual({ ready: true, store: true, space: true });
    expect(await readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('is denied while the temporary folder cannot be written, and returns', async () => {
    const dataDir = await folder();
    const stranger = new Peer(await start({ dataDir }), null);
    const mend = await breakTempFolder(dataDir);
    const denied = await stranger.get('/ready');
    expect(refusal(denied)).toBe('503 not_ready');
    expect(denied.json).toMatchObject({ ready: false, store: false, space: true });
    expect(denied.headers.get('Retry-After')).toBe('10');
    expect((await stranger.get('/health')).json).toEqual({ ok: true });
    await mend();
    await expect.poll(async () => (await stranger.get('/ready')).status).toBe(200);
  });

  it('is denied without space for another body', async () => {
    const dataDir = await folder();
    const { storage } = await start({ dataDir });
    const readiness = new Readiness({ bytes: storage.bytes, dataDir, minFreeBytes: Number.MAX_SAFE_INTEGER });
    expect(await readiness.check()).toEqual({ ready: false, store: true, space: false });
  });
});

describe('metrics', () => {
  it('count requests by route and refusals by event, without user data', async () => {
    const metrics = new Metrics();
    const server = await metrics.listen(0, '127.0.0.1');
    addCleanUp(async () => server.close());
    const ada = await startWithPeer({ metrics });
    const { batch_id } = (await ada.direct('x')).json;
    await ada.get(`/batches/${batch_id}`);
    await new Peer(ada.server, 'secret-token').get('/batches');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/api/batches/:id",status="200"} 1');
    expect(text).toContain('security_events_total{event="unauthorized"} 1');
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
    for (const secret of ['ada', batch_id, '127.0.0.1', 'film', 'secret-token']) expect(text).not.toContain(secret);
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await ada.get('/metrics')).status).toBe(404);
  });
});

describe('security events in the log', () => {
  it('name who was refused, at what and why, once a minute, without secrets', async () => {
    const server = await startServerProcess({ env: { DATA_DIR: await folder(), HOST: '127.0.0.1' } });
    const url = `http://127.0.0.1:${new URL(server.url()).port}/api`;
    const headers = { Authorization: 'Bearer secret-token' };
    for (let n = 0; n < 3; n++) await fetch(`${url}/batches/secret-batch`, { headers });
    await fetch(`${url}/batches`);
    const body = JSON.stringify({ code: 'secret-code' });
    await fetch(`${url}/auth/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    await server.stop();
    const lines = server.log().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        event: 'unauthorized',
        address: '127.0.0.1',
        userId: null,
        method: 'GET',
        route: '/api/batches/:id',
        why: expect.any(String),
      },
      { event: 'bad_code', address: '127.0.0.1', method: 'POST', route: '/api/auth/session' },
    ]);
    expect(server.log()).not.toContain('secret');
  });

  it('name the address of a connection without a valid request', async () => {
    const server = await start({ headersTimeoutMs: 200 });
    const events: unknown[] = [];
    server.app.log.warn = (event: unknown) => events.push(event);
    const silent = openSocket(server.url());
    const slow = openSocket(server.url());
    await slow.write('GET / HTTP/1.1\r\n');
    const long = openSocket(server.url());
    await long.write(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    for (const { closed } of [silent, slow, long]) await closed;
    expect(events).toMatchObject([
      { event: 'headers_too_large', address: '127.0.0.1' },
      { event: 'request_timeout', address: '127.0.0.1' },
    ]);
  });

  it('name the user whose requests are too many', async () => {
    const server = await start({ userRequestsPerMinute: 1 });
    const events: unknown[] = [];
    const { log } = server.app;
    const warn = log.warn.bind(log);
    log.warn = (...args: [unknown]) => {
      events.push(args[0]);
      return warn(...args);
    };
    const ada = await peer(server);
    await ada.get('/batches');
    await ada.get('/batches');
    expect(events).toMatchObject([{ event: 'too_many_requests', userId: 'ada' }]);
  });
});
