import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type ApiResponse, folder, form, peer, refusal, start, startWithPeer } from '../peer.ts';

/** Opens a connection, sends the start of a request and collects the response until the end. */
function startRequest(url: string, head: string): { socket: Socket; response: Promise<string> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => socket.write(head));
  const response = new Promise<string>((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (data) => {
      text += data;
    });
    socket.on('error', () => undefined).once('close', () => resolve(text));
  });
  return { socket, response };
}

async function formHead(server: Awaited<ReturnType<typeof start>>): Promise<string> {
  return [
    'POST /api/batches/upload HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${await server.issueToken('ada')}`,
    'Content-Type: multipart/form-data; boundary=b',
    'Content-Length: 1000',
    '\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nbegun',
  ].join('\r\n');
}

describe('quota of one user', () => {
  it('limits the unfinished uploads, and lets a new plan replace its own', async () => {
    const server = await start({ maxOpenSessions: 2 });
    const [ada, bob] = [await peer(server, 'ada'), await peer(server, 'bob')];
    await ada.chunk(0, 'a', { idempotency_key: 'a' });
    const { upload_id } = (await ada.chunk(0, 'b')).json;
    expect(refusal(await ada.chunk(0, 'c'))).toBe('429 too_many_sessions');
    expect((await ada.chunk(0, 'a', { idempotency_key: 'a', generation: 1 })).status).toBe(200);
    expect((await bob.chunk(0, 'b')).status).toBe(200);
    await ada.send('DELETE', `/batches/upload-chunk/${upload_id}`);
    expect((await ada.chunk(0, 'c')).status).toBe(200);
  });

  it('limits the bytes of unfinished uploads by their declared sizes', async () => {
    const ada = await startWithPeer({ maxOpenBytes: 10 });
    const { upload_id } = (await ada.chunk(0, 'a', { file_size: 6, total_chunks: 2 })).json;
    expect(refusal(await ada.chunk(0, 'b', { file_size: 5 }))).toBe('429 too_many_bytes');
    expect(refusal(await ada.chunk(0, 'bcdef'))).toBe('429 too_many_bytes');
    expect(ada.server.sessions.ids).toEqual([upload_id]);
    expect((await ada.chunk(1, 'bcdef', { upload_id, total_chunks: 2 })).json.batch_id).toEqual(expect.any(String));
    expect((await ada.chunk(0, 'b', { file_size: 10 })).status).toBe(200);
  });

  it('limits the bytes of an upload that declares no size', async () => {
    const ada = await startWithPeer({ maxOpenBytes: 10, maxUploadBytes: 8 });
    const { upload_id } = (await ada.chunk(0, '12345')).json;
    expect(refusal(await ada.chunk(1, '6789', { upload_id }))).toBe('422 upload_too_large');
    expect((await ada.chunk(0, '1', { upload_id })).status).toBe(200);
    expect((await ada.chunk(1, '6789', { upload_id })).status).toBe(200);
  });

  it('limits uploads and bytes that arrive at the same time', async () => {
    const ada = await startWithPeer({ maxOpenSessions: 4, maxOpenBytes: 10 });
    const startMany = (file_size: number) =>
      Promise.all(Array.from({ length: 10 }, () => ada.chunk(0, 'a', { file_size })));
    const refusals = (answers: ApiResponse[]) => new Set(answers.filter(({ status }) => status !== 200).map(refusal));
    expect(refusals(await startMany(4))).toEqual(new Set(['429 too_many_bytes']));
    expect(ada.server.sessions.ids).toHaveLength(2);
    expect(refusals(await startMany(1))).toEqual(new Set(['429 too_many_sessions']));
    expect(ada.server.sessions.ids).toHaveLength(4);
  });

  it('frees the quota when a whole upload replaces its session', async () => {
    const ada = await startWithPeer({ maxOpenSessions: 1, maxOpenBytes: 10 });
    const plan = { idempotency_key: 'k', generation: 1, file_size: 10 };
    const { upload_id } = (await ada.chunk(0, 'a', plan)).json;
    const { batch_id } = (await ada.direct('abc', { idempotency_key: 'k' })).json;
    expect(ada.server.sessions.ids).toEqual([]);
    expect((await ada.chunk(1, 'b', { ...plan, upload_id })).json.batch_id).toBe(batch_id);
    expect((await ada.chunk(0, 'a', { file_size: 10 })).status).toBe(200);
  });

  it('refuses an upload over the size limit with its first chunk', async () => {
    const ada = await startWithPeer({ maxUploadBytes: 10 });
    expect(refusal(await ada.chunk(0, 'a', { file_size: 11 }))).toBe('422 upload_too_large');
    expect((await ada.chunk(0, 'a', { file_size: 10 })).status).toBe(200);
  });

  it('refuses a whole upload over the size limit, and names both sizes', async () => {
    const ada = await startWithPeer({ maxUploadBytes: 1500 });
    const refused = await ada.direct('x'.repeat(2_000_000));
    expect(refusal(refused)).toBe('422 upload_too_large');
    expect(refused.json.message).toBe('2 MB is over this server’s 1.5 kB limit.');
    expect((await ada.direct('x'.repeat(1500))).status).toBe(200);
  });
});

describe('quota of everything that a user stores', () => {
  it('counts batches, unfinished uploads and whole uploads', async () => {
    const server = await start({ maxUserBytes: 10 });
    const [ada, bob] = [await peer(server, 'ada'), await peer(server, 'bob')];
    await ada.direct('1234');
    const { upload_id } = (await ada.chunk(0, '1', { total_chunks: 2, file_size: 5 })).json;
    const refused = [await ada.direct('12'), await ada.chunk(0, '12'), await ada.chunk(0, '1', { file_size: 2 })];
    expect(refused.map(refusal)).toEqual(Array(3).fill('429 quota_full'));
    for (const { headers } of refused) expect(headers.get('Retry-After')).toBe('300');
    expect((await bob.direct('1234567890')).status).toBe(200);
    const last = await ada.chunk(1, '2345', { upload_id, total_chunks: 2 });
    expect(await ada.download(last.json.batch_id)).toBe('12345');
    expect((await ada.direct('1')).status).toBe(200);
    expect(refusal(await ada.direct('1'))).toBe('429 quota_full');
  });

  it('refuses a whole upload before its bytes are stored', async () => {
    const ada = await startWithPeer({ maxUserBytes: 1 });
    await ada.direct('1');
    const receive = vi.spyOn(ada.server.storage.bytes, 'receive');
    expect(refusal(await ada.direct('x'.repeat(3_000_000)))).toBe('429 quota_full');
    expect(receive).not.toHaveBeenCalled();
  });

  it('answers a repeated whole upload with its batch', async () => {
    const ada = await startWithPeer({ maxUserBytes: 3_000_000 });
    const send = () => ada.direct('x'.repeat(3_000_000), { idempotency_key: 'k' });
    const { batch_id } = (await send()).json;
    expect((await send()).json.batch_id).toBe(batch_id);
  });

  it('answers each upload of a bundle', async () => {
    const ada = await startWithPeer({ maxUserBytes: 3 });
    const uploads = ['a', 'b'].map((key) => {
      return { idempotency_key: key, upload_type: 'file', filename: key, size_bytes: 2 };
    });
    const body = form({ uploads: new Blob([JSON.stringify(uploads)]), bytes: new Blob(['1122']) });
    const { results } = (await ada.send('POST', '/batches/upload-bundle', body)).json;
    const outcomes = results.map(({ batch_id, error }: Record<string, string>) => error ?? typeof batch_id);
    expect(outcomes.sort()).toEqual(['quota_full', 'string']);
  });
});

describe('media type of a file', () => {
  it('is stored up to 255 bytes', async () => {
    const ada = await startWithPeer();
    const file = new Blob(['x'], { type: `text/${'x'.repeat(400)}` });
    const { batch_id } = (await ada.send('POST', '/batches/upload', form({ upload_type: 'file', file }))).json;
    const [{ type }] = (await ada.get(`/batches/${batch_id}`)).json.files;
    expect(type).toBe(`text/${'x'.repeat(250)}`);
  });
});

describe('rate limit of one address', () => {
  it('limits requests per minute and sends Retry-After', async () => {
    const ada = await startWithPeer({ requestsPerMinute: 3 });
    for (let i = 0; i < 3; i++) expect((await ada.get('/batches')).status).toBe(200);
    const refused = await ada.direct('x');
    expect(refusal(refused)).toBe('429 too_many_requests');
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
  });
});

describe('time limit of a request', () => {
  it('responds 408 when the headers arrive too slowly', async () => {
    const server = await start({ headersTimeoutMs: 200 });
    const answer = await startRequest(server.url(), 'GET /api/health HTTP/1.1\r\nHost:').response;
    expect(answer).toMatch(/^HTTP\/1.1 408 .*"error":"request_timeout"/s);
  });

  it('responds 408 when the form arrives too slowly, and leaves no file', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir, formTimeoutMs: 300 });
    const answer = await startRequest(server.url(), await formHead(server)).response;
    expect(answer).toMatch(/^HTTP\/1.1 408 .*"error":"request_timeout"/s);
    await expect.poll(() => readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('closes a silent connection and leaves no file', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir, idleTimeoutMs: 200 });
    await startRequest(server.url(), await formHead(server)).response;
    await expect.poll(() => readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('leaves no file when the sender hangs up', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir });
    const { socket } = startRequest(server.url(), await formHead(server));
    await expect.poll(() => readdir(join(dataDir, 'temp'))).toHaveLength(1);
    socket.destroy();
    await expect.poll(() => readdir(join(dataDir, 'temp'))).toEqual([]);
  });
});
