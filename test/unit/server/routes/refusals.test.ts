import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, peer, refusal, sha256, start, startWithPeer } from '../peer.ts';

/**
 * Sends raw bytes and collects the response until the server closes the connection, which may reset
 * what is still being sent.
 */
function sendRaw(url: string, ...bytes: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    let response = '';
    const socket = connect(Number(port), hostname, () => {
      for (const part of bytes) socket.write(part);
    });
    socket.setEncoding('utf8').on('data', (data) => {
      response += data;
    });
    socket.on('error', () => undefined).once('close', () => resolve(response));
  });
}

/** Parses the status, the code and `Connection: close` of a raw response. */
function parseRaw(answer: string): [number, string, boolean] {
  const [head = '', body = '{}'] = answer.split('\r\n\r\n');
  return [Number(head.split(' ')[1]), JSON.parse(body).error, /^connection: close$/im.test(head)];
}

describe('refusal of a chunk', () => {
  const good = { chunk_index: '0', total_chunks: '3', filename: 'a', upload_type: 'file', is_final_chunk: 'false' };

  it.each<[string, Record<string, string | undefined>, string]>([
    ...Object.keys(good).map((field): [string, Record<string, undefined>, string] => [
      `a missing ${field}`,
      { [field]: undefined },
      field,
    ]),
    ['a negative index', { chunk_index: '-1' }, 'chunk_index'],
    ['a fractional index', { chunk_index: '1.5' }, 'chunk_index'],
    ['an index in words', { chunk_index: 'one' }, 'chunk_index'],
    ['an index of 16 digits', { chunk_index: '9'.repeat(16) }, 'chunk_index'],
    ['a total of 0', { total_chunks: '0' }, 'total_chunks'],
    ['a total over the limit', { total_chunks: '100001' }, 'total_chunks'],
    ['an empty name', { filename: '' }, 'filename'],
    ['a name of 256 characters', { filename: 'n'.repeat(256) }, 'filename'],
    ['is_final_chunk other than true and false', { is_final_chunk: 'yes' }, 'is_final_chunk'],
    ['a negative offset', { chunk_offset: '-1' }, 'chunk_offset'],
    ['a size in words', { file_size: 'big' }, 'file_size'],
    ['a short digest', { chunk_sha256: 'abc' }, 'chunk_sha256'],
    ['a profile that is not a number', { profile_id: '' }, 'profile_id'],
    ['an empty key', { idempotency_key: '' }, 'idempotency_key'],
    ['a generation in exponent form', { generation: '1e3' }, 'generation'],
  ])('refuses %s', async (_title, fields, field) => {
    const ada = await startWithPeer();
    const answer = await ada.chunk(0, 'x', { ...good, ...fields });
    expect(refusal(answer)).toBe('400 bad_field');
    expect(answer.json).toMatchObject({ field, message: expect.stringContaining(`${field}`) });
    expect(ada.server.sessions.ids).toEqual([]);
  });

  it('refuses an unknown type, a missing task and an index out of range', async () => {
    const ada = await startWithPeer();
    expect(refusal(await ada.chunk(0, 'x', { upload_type: 'tar' }))).toBe('400 unknown_upload_type');
    expect(refusal(await ada.chunk(0, 'x', { upload_type: 'zip_no_qr' }))).toBe('400 task_id_required');
    const outside = await ada.chunk(3, 'x', { total_chunks: 3 });
    expect(outside.json).toMatchObject({ error: 'index_out_of_range', field: 'chunk_index' });
  });

  it('refuses repeated fields, no chunk, two chunks and other file fields', async () => {
    const ada = await startWithPeer();
    const post = (change: (data: FormData) => void) => {
      const data = new FormData();
      for (const [name, value] of Object.entries(good)) data.append(name, value);
      change(data);
      return ada.send('POST', '/batches/upload-chunk', data);
    };
    const chunk = new Blob(['x']);
    const twice = await post((data) => {
      data.append('chunk_index', '1');
      data.append('chunk', chunk);
    });
    expect(twice.json).toMatchObject({ error: 'bad_field', field: 'chunk_index' });
    expect((await post(() => undefined)).json).toMatchObject({ error: 'bad_field', field: 'chunk' });
    const two = await post((data) => {
      data.append('chunk', chunk);
      data.append('chunk', chunk);
    });
    expect(two.json).toMatchObject({ error: 'bad_field', field: 'chunk' });
    const other = await post((data) => data.append('file', chunk));
    expect(other.json).toMatchObject({ error: 'bad_field', field: 'file' });
  });

  it('refuses a chunk that changes the total or the size of its session', async () => {
    const ada = await startWithPeer();
    const plan = { idempotency_key: 'k', file_size: 9 };
    const { upload_id } = (await ada.chunk(0, 'abc', { ...plan, chunk_offset: 0 })).json;
    expect(refusal(await ada.chunk(1, 'def', { ...plan, upload_id, total_chunks: 4 }))).toBe('409 total_changed');
    expect(refusal(await ada.chunk(1, 'def', { ...plan, upload_id, file_size: 8 }))).toBe('409 total_changed');
    expect(refusal(await ada.chunk(0, 'abc', { ...plan, total_chunks: 4 }))).toBe('409 total_changed');
    expect((await ada.status(upload_id)).json.received).toEqual([[0, 1]]);
  });

  it('refuses chunks that overlap, exceed the file or leave a gap', async () => {
    const ada = await startWithPeer();
    const plan = { file_size: 9 };
    const { upload_id } = (await ada.chunk(0, 'abc', { ...plan, chunk_offset: 0 })).json;
    const at = (index: number, bytes: string, chunk_offset: number) =>
      ada.chunk(index, bytes, { ...plan, upload_id, chunk_offset });
    expect(refusal(await at(1, 'def', 2))).toBe('409 chunks_overlap');
    expect(refusal(await at(1, 'def', 0))).toBe('409 chunks_overlap');
    expect(refusal(await at(2, 'ghi', 7))).toBe('409 chunks_overlap');
    expect((await ada.status(upload_id)).json.received).toEqual([[0, 1]]);
    await at(1, 'de', 3);
    expect(refusal(await at(2, 'ghi', 6))).toBe('409 chunks_overlap');
    expect(await ada.batches()).toEqual([]);
    await at(1, 'def', 3);
    const last = await at(2, 'ghi', 6);
    expect(await ada.download(last.json.batch_id)).toBe('abcdefghi');
  });

  it('creates no session for a first chunk that exceeds its file', async () => {
    const ada = await startWithPeer();
    expect(refusal(await ada.chunk(0, 'abc', { file_size: 2, chunk_offset: 0 }))).toBe('409 chunks_overlap');
    expect(ada.server.sessions.ids).toEqual([]);
  });

  it('creates no session for a first chunk whose digest does not match', async () => {
    const ada = await startWithPeer();
    expect(refusal(await ada.chunk(0, 'x', { chunk_sha256: sha256('y') }))).toBe('422 checksum_mismatch');
    expect(ada.server.sessions.ids).toEqual([]);
  });

  it('responds to foreign sessions as to missing ones', async () => {
    const server = await start();
    const [ada, bob] = [await peer(server, 'ada'), await peer(server, 'bob')];
    const { upload_id } = (await ada.chunk(0, 'a', { idempotency_key: 'k' })).json;
    const bobs = [
      await bob.chunk(1, 'b', { upload_id }),
      await bob.chunk(1, 'b', { upload_id, idempotency_key: 'k' }),
      await bob.status(upload_id),
      await bob.send('DELETE', `/batches/upload-chunk/${upload_id}`),
    ];
    const missing = await bob.status('none');
    for (const answer of bobs) expect(answer.json).toEqual(missing.json);
    expect((await ada.status(upload_id)).json.received).toEqual([[0, 1]]);
  });
});

describe('refusal of a body over the limit', () => {
  it.each(['declares the length', 'sends no length'])('responds 413 and closes when the client %s', async (how) => {
    const dataDir = await folder();
    const server = await start({ dataDir, maxBodyBytes: 100_000 });
    const token = await server.issueToken('ada');
    const isKnown = how === 'declares the length';
    const part = '--b\r\nContent-Disposition: form-data; name="chunk"; filename="x"\r\n\r\n';
    const body = Buffer.concat([Buffer.from(part), Buffer.alloc(5_000_000), Buffer.from('\r\n--b--\r\n')]);
    const head = [
      'POST /api/batches/upload-chunk HTTP/1.1',
      'Host: localhost',
      `Authorization: Bearer ${token}`,
      'Content-Type: multipart/form-data; boundary=b',
      isKnown ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked',
    ];
    const chunked = [`${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n'];
    const answer = await sendRaw(server.url(), `${head.join('\r\n')}\r\n\r\n`, ...(isKnown ? [body] : chunked));
    expect(parseRaw(answer)).toEqual([413, 'too_large', true]);
    expect(await readdir(join(dataDir, 'temp'))).toEqual([]);
  });
});

describe('refusal of invalid requests', () => {
  it('responds in JSON to data that is not HTTP and to long headers', async () => {
    const url = (await start()).url();
    expect(parseRaw(await sendRaw(url, 'HELLO\r\n\r\n'))).toEqual([400, 'bad_request', true]);
    const long = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(parseRaw(await sendRaw(url, long))).toEqual([431, 'headers_too_large', true]);
  });

  it('responds in JSON to bodies that are not a form', async () => {
    const ada = await startWithPeer();
    const send = (body: string, type: string) => ada.send('POST', '/batches/upload', body, { 'Content-Type': type });
    expect(refusal(await send('x', 'text/plain'))).toBe('400 bad_form');
    expect(refusal(await send('{}', 'application/json'))).toBe('400 bad_form');
    expect(refusal(await send('x', 'multipart/form-data'))).toBe('400 bad_form');
    expect(refusal(await send('x', 'multipart/form-data; boundary=b'))).toBe('400 bad_form');
    expect(refusal(await send('--b\r\n', 'multipart/form-data; boundary=b'))).toBe('400 bad_form');
    expect(refusal(await send('a=b', 'application/x-www-form-urlencoded'))).toBe('415 bad_request');
    expect(refusal(await send('{', 'application/json'))).toBe('400 bad_request');
  });
});
