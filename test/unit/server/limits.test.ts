import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answer, alone, folder, peer, refusal, start } from './peer.ts';

/** A connection that sends a beginning, and then nothing; tells what it hears until it is closed. */
function begin(url: string, beginning: string): { socket: Socket; heard: Promise<string> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => socket.write(beginning));
  const heard = new Promise<string>((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (data) => {
      text += data;
    });
    socket.on('error', () => undefined).once('close', () => resolve(text));
  });
  return { socket, heard };
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

describe('one user may have', () => {
  it('so many unfinished uploads, a new plan of one of them included', async () => {
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

  it('so many bytes in them, each taking all it said from the start', async () => {
    const ada = await alone({ maxOpenBytes: 10 });
    const { upload_id } = (await ada.chunk(0, 'a', { file_size: 6, total_chunks: 2 })).json;
    expect(refusal(await ada.chunk(0, 'b', { file_size: 5 }))).toBe('429 too_many_bytes');
    expect(refusal(await ada.chunk(0, 'bcdef'))).toBe('429 too_many_bytes');
    expect(ada.server.sessions.ids).toEqual([upload_id]);
    expect((await ada.chunk(1, 'bcdef', { upload_id, total_chunks: 2 })).json.batch_id).toEqual(expect.any(String));
    expect((await ada.chunk(0, 'b', { file_size: 10 })).status).toBe(200);
  });

  it('so many bytes in one that does not say its size', async () => {
    const ada = await alone({ maxOpenBytes: 10, maxUploadBytes: 8 });
    const { upload_id } = (await ada.chunk(0, '12345')).json;
    expect(refusal(await ada.chunk(1, '6789', { upload_id }))).toBe('422 upload_too_large');
    expect((await ada.chunk(0, '1', { upload_id })).status).toBe(200);
    expect((await ada.chunk(1, '6789', { upload_id })).status).toBe(200);
  });

  it('so many of both, however many come at once', async () => {
    const ada = await alone({ maxOpenSessions: 4, maxOpenBytes: 10 });
    const begun = (file_size: number) =>
      Promise.all(Array.from({ length: 10 }, () => ada.chunk(0, 'a', { file_size })));
    const refusals = (answers: Answer[]) => new Set(answers.filter(({ status }) => status !== 200).map(refusal));
    expect(refusals(await begun(4))).toEqual(new Set(['429 too_many_bytes']));
    expect(ada.server.sessions.ids).toHaveLength(2);
    expect(refusals(await begun(1))).toEqual(new Set(['429 too_many_sessions']));
    expect(ada.server.sessions.ids).toHaveLength(4);
  });

  it('nothing left over of an upload that came in one request after all', async () => {
    const ada = await alone({ maxOpenSessions: 1, maxOpenBytes: 10 });
    const plan = { idempotency_key: 'k', generation: 1, file_size: 10 };
    const { upload_id } = (await ada.chunk(0, 'a', plan)).json;
    const { batch_id } = (await ada.direct('abc', { idempotency_key: 'k' })).json;
    expect(ada.server.sessions.ids).toEqual([]);
    expect((await ada.chunk(1, 'b', { ...plan, upload_id })).json.batch_id).toBe(batch_id);
    expect((await ada.chunk(0, 'a', { file_size: 10 })).status).toBe(200);
  });

  it('no upload larger than the limit, whatever its chunks', async () => {
    const ada = await alone({ maxUploadBytes: 10 });
    expect(refusal(await ada.chunk(0, 'a', { file_size: 11 }))).toBe('422 upload_too_large');
    expect((await ada.chunk(0, 'a', { file_size: 10 })).status).toBe(200);
  });
});

describe('one address may make', () => {
  it('so many requests a minute, and is told when to come back', async () => {
    const ada = await alone({ requestsPerMinute: 3 });
    for (let i = 0; i < 3; i++) expect((await ada.get('/health')).status).toBe(200);
    const refused = await ada.direct('x');
    expect(refusal(refused)).toBe('429 too_many_requests');
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
  });
});

describe('a request', () => {
  it('whose head does not come in time is told so and cut', async () => {
    const server = await start({ headersTimeoutMs: 200 });
    const answer = await begin(server.url(), 'GET /api/health HTTP/1.1\r\nHost:').heard;
    expect(answer).toMatch(/^HTTP\/1.1 408 .*"error":"request_timeout"/s);
  });

  it('whose form does not come in time is told so, and nothing of it is left', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir, formTimeoutMs: 300 });
    const answer = await begin(server.url(), await formHead(server)).heard;
    expect(answer).toMatch(/^HTTP\/1.1 408 .*"error":"request_timeout"/s);
    await expect.poll(() => readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('that says nothing for too long is cut, and nothing of it is left', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir, idleTimeoutMs: 200 });
    await begin(server.url(), await formHead(server)).heard;
    await expect.poll(() => readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('whose sender hangs up leaves nothing', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir });
    const { socket } = begin(server.url(), await formHead(server));
    await expect.poll(() => readdir(join(dataDir, 'temp'))).toHaveLength(1);
    socket.destroy();
    await expect.poll(() => readdir(join(dataDir, 'temp'))).toEqual([]);
  });
});
