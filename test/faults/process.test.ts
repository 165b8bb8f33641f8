import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ProcessOptions, type ServerProcess, startServerProcess } from '../fixtures/server-process.ts';
import { folder, Peer, refusal } from '../unit/server/peer.ts';

const servers: ServerProcess[] = [];

afterEach(async () => {
  for (const { child } of servers.splice(0)) child.kill('SIGKILL');
});

async function start(options: ProcessOptions): Promise<ServerProcess> {
  const server = await startServerProcess(options);
  servers.push(server);
  return server;
}

/** Signs in with the link that the server printed. */
async function signIn(server: ServerProcess): Promise<{ ada: Peer<ServerProcess>; code: string; cookie: string }> {
  const code = new URL(server.link).hash.replace('#code=', '');
  const body = JSON.stringify({ code });
  const answer = await new Peer(server, null).send('POST', '/auth/session', body, {
    'Content-Type': 'application/json',
  });
  const cookie = answer.headers.get('Set-Cookie')?.split(';')[0] ?? '';
  return { ada: new Peer(server, answer.json.token), code, cookie };
}

const isLinux = process.platform === 'linux';
/** Mounting a small disk for one process requires a mount namespace. */
const canMount = isLinux && succeeds('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
if (!canMount) console.warn('Not tested here: a full disk, because no file system can be mounted (unshare -rm).');

function succeeds(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('server process', () => {
  it('finishes active uploads on SIGTERM and accepts no new request', async () => {
    const server = await start({ env: { DATA_DIR: await folder() } });
    const { ada } = await signIn(server);
    const begun = beginUpload(server, ada.token ?? '');
    await expect.poll(begun.isReceived).toBe(true);
    const stopped = server.stop();
    await expect
      .poll(() =>
        ada.get('/health').then(
          () => 'answered',
          () => 'refused',
        ),
      )
      .toBe('refused');
    begun.end();
    // A kept-alive connection would delay the stop, so the answer closes it.
    expect(await begun.answer).toMatch(/^HTTP\/1.1 200 .*\r\nconnection: close\r\n.*"batch_id"/is);
    expect(await stopped).toBe(0);
  });

  it('locks its folder and keeps every acknowledged chunk after SIGKILL', async () => {
    const env = { DATA_DIR: await folder() };
    const killed = await start({ env });
    const { upload_id } = (await (await signIn(killed)).ada.chunk(0, 'one', { idempotency_key: 'k' })).json;
    await expect(startServerProcess({ env })).rejects.toThrow(`Another server uses the folder ${env.DATA_DIR}`);
    expect(await killed.stop('SIGKILL')).toBeNull();
    const next = await start({ env });
    const { ada } = await signIn(next);
    expect((await ada.status(upload_id)).json.received).toEqual([[0, 1]]);
    await ada.chunk(1, 'two', { upload_id });
    const { batch_id } = (await ada.chunk(2, 'three', { upload_id })).json;
    expect(await ada.download(batch_id)).toBe('onetwothree');
    await next.stop();
    expect((await readdir(env.DATA_DIR)).filter((name) => name.endsWith('.sock'))).toEqual([]);
  });

  it('refuses to start with a limit that is not a number', async () => {
    const env = { DATA_DIR: await folder(), MAX_UPLOAD_BYTES: '10 GB' };
    await expect(startServerProcess({ env })).rejects.toThrow('MAX_UPLOAD_BYTES must be a whole number above 0');
  });

  it('logs requests as JSON without token, ticket, cookie or code', async () => {
    const server = await start({ env: { DATA_DIR: await folder(), LOG_LEVEL: 'trace' } });
    const { ada, code, cookie } = await signIn(server);
    const { upload_id, ticket } = (await ada.chunk(0, 'x')).json;
    const ticketed = await new Peer(server, null).chunk(1, 'x', { upload_id, ticket });
    expect(ticketed.status).toBe(200);
    const json = { 'Content-Type': 'application/json', Cookie: cookie };
    expect((await new Peer(server, null).send('POST', '/auth/refresh', '{}', json)).status).toBe(200);
    expect(refusal(await new Peer(server, `${ada.token}x`).get('/batches'))).toBe('401 unauthorized');
    await ada.get(`/batches/${upload_id}`);
    await server.stop();
    const lines = server.log().trim().split('\n');
    const urls = lines.map((line) => JSON.parse(line).req?.url).filter((url) => url !== undefined);
    expect(urls).toContain('/api/batches/upload-chunk');
    for (const secret of [ada.token ?? '', ticket, code, cookie.split('=')[1] ?? '']) {
      expect(secret.length).toBeGreaterThan(20);
      expect(server.log()).not.toContain(secret);
    }
  });

  it.skipIf(!canMount)('answers 507 on a full disk, keeps its data and recovers', async () => {
    const env = { DATA_DIR: await folder(), MIN_FREE_BYTES: '1' };
    const mounted = 'mount -t tmpfs -o size=3m tmpfs "$DATA_DIR" && exec "$@"';
    const server = await start({ env, wrapper: ['unshare', '-rm', 'sh', '-c', mounted, 'sh'] });
    const { ada } = await signIn(server);
    const megabyte = new Blob([new Uint8Array(1_000_000)]);
    const [a, b] = [(await ada.chunk(0, megabyte)).json.upload_id, (await ada.chunk(0, megabyte)).json.upload_id];
    const full = [
      await ada.chunk(0, new Blob([megabyte, megabyte])),
      await ada.chunk(1, new Blob([megabyte, megabyte]), { upload_id: a }),
      await ada.direct(new Blob([megabyte, megabyte])),
    ];
    expect(full.map(refusal)).toEqual(['507 disk_full', '507 disk_full', '507 disk_full']);
    expect((await ada.status(a)).json.received).toEqual([[0, 1]]);
    await ada.send('DELETE', `/batches/upload-chunk/${b}`);
    expect((await ada.chunk(1, megabyte, { upload_id: a, total_chunks: 3 })).status).toBe(200);
  });
});

/** Starts an upload whose last byte is held back. */
function beginUpload(server: ServerProcess, token: string) {
  const form = [
    '--b\r\nContent-Disposition: form-data; name="upload_type"\r\n\r\nfile',
    '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nbytes',
    '--b--\r\n',
  ].join('\r\n');
  const head = [
    'POST /api/batches/upload HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Content-Type: multipart/form-data; boundary=b',
    'Expect: 100-continue',
    `Content-Length: ${form.length}`,
  ];
  let heard = '';
  const socket = connect(Number(new URL(server.url()).port), 'localhost', () => {
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
  });
  const answer = new Promise<string>((resolve) => {
    socket.setEncoding('utf8').on('data', (data) => {
      heard += data;
    });
    socket.once('close', () => resolve(heard.replace('HTTP/1.1 100 Continue\r\n\r\n', '')));
  });
  socket.on('error', () => undefined);
  // The interim response proves that the server has read the head, so the request is active.
  return { isReceived: () => heard.startsWith('HTTP/1.1 100'), end: () => socket.write(form), answer };
}
