import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alone, folder, peer, refusal, sha256, start } from './peer.ts';

/** Everything a server says to raw bytes, until it closes the connection. */
function say(url: string, ...bytes: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    let heard = '';
    const socket = connect(Number(port), hostname, () => {
      for (const part of bytes) socket.write(part);
    });
    socket.setEncoding('utf8').on('data', (data) => {
      heard += data;
    });
    socket.once('error', reject).once('close', () => resolve(heard));
  });
}

/** The status, code and connection of a raw answer. */
function seen(answer: string): [number, string, boolean] {
  const [head = '', body = '{}'] = answer.split('\r\n\r\n');
  return [Number(head.split(' ')[1]), JSON.parse(body).error, /^connection: close$/im.test(head)];
}

describe('a chunk is refused, by a code and the field where one is wrong,', () => {
  const good = { chunk_index: '0', total_chunks: '3', filename: 'a', upload_type: 'file', is_final_chunk: 'false' };

  it.each<[string, Record<string, string | undefined>, string]>([
    ...Object.keys(good).map((field): [string, Record<string, undefined>, string] => [
      `without ${field}`,
      { [field]: undefined },
      field,
    ]),
    ['with a negative index', { chunk_index: '-1' }, 'chunk_index'],
    ['with a broken index', { chunk_index: '1.5' }, 'chunk_index'],
    ['with no index but words', { chunk_index: 'one' }, 'chunk_index'],
    ['with more digits than a number holds', { chunk_index: '9'.repeat(16) }, 'chunk_index'],
    ['of no chunks', { total_chunks: '0' }, 'total_chunks'],
    ['of too many chunks', { total_chunks: '100001' }, 'total_chunks'],
    ['with an empty name', { filename: '' }, 'filename'],
    ['with a name too long', { filename: 'n'.repeat(256) }, 'filename'],
    ['that is neither final nor not', { is_final_chunk: 'yes' }, 'is_final_chunk'],
    ['with a negative offset', { chunk_offset: '-1' }, 'chunk_offset'],
    ['with a size in words', { file_size: 'big' }, 'file_size'],
    ['with half a digest', { chunk_sha256: 'abc' }, 'chunk_sha256'],
    ['with a profile that is no number', { profile_id: '' }, 'profile_id'],
    ['with an empty key', { idempotency_key: '' }, 'idempotency_key'],
    ['with a broken generation', { generation: '1e3' }, 'generation'],
  ])('%s', async (_what, fields, field) => {
    const ada = await alone();
    const answer = await ada.chunk(0, 'x', { ...good, ...fields });
    expect(refusal(answer)).toBe('400 bad_field');
    expect(answer.json).toMatchObject({ field, message: expect.stringContaining(`${field}`) });
    expect(ada.server.sessions.ids).toEqual([]);
  });

  it('of an unknown upload type, of one that needs a task, or with an index out of range', async () => {
    const ada = await alone();
    expect(refusal(await ada.chunk(0, 'x', { upload_type: 'tar' }))).toBe('400 unknown_upload_type');
    expect(refusal(await ada.chunk(0, 'x', { upload_type: 'zip_no_qr' }))).toBe('400 task_id_required');
    const outside = await ada.chunk(3, 'x', { total_chunks: 3 });
    expect(outside.json).toMatchObject({ error: 'index_out_of_range', field: 'chunk_index' });
  });

  it('with a field that was sent twice, no chunk, two chunks, or a chunk of another name', async () => {
    const ada = await alone();
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

  it('when it changes the total, the size or the plan of its session', async () => {
    const ada = await alone();
    const plan = { idempotency_key: 'k', file_size: 9 };
    const { upload_id } = (await ada.chunk(0, 'abc', { ...plan, chunk_offset: 0 })).json;
    expect(refusal(await ada.chunk(1, 'def', { ...plan, upload_id, total_chunks: 4 }))).toBe('409 total_changed');
    expect(refusal(await ada.chunk(1, 'def', { ...plan, upload_id, file_size: 8 }))).toBe('409 total_changed');
    expect(refusal(await ada.chunk(0, 'abc', { ...plan, total_chunks: 4 }))).toBe('409 total_changed');
    expect((await ada.status(upload_id)).json.received).toEqual([[0, 1]]);
  });

  it('where it overlaps another, reaches past the end, or leaves a gap at the end', async () => {
    const ada = await alone();
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

  it('that opens a session where it cannot lie, and none is opened', async () => {
    const ada = await alone();
    expect(refusal(await ada.chunk(0, 'abc', { file_size: 2, chunk_offset: 0 }))).toBe('409 chunks_overlap');
    expect(ada.server.sessions.ids).toEqual([]);
  });

  it('with a wrong digest, under a code of its own', async () => {
    const ada = await alone();
    expect(refusal(await ada.chunk(0, 'x', { chunk_sha256: sha256('y') }))).toBe('422 checksum_mismatch');
    expect(ada.server.sessions.ids).toEqual([]);
  });

  it('by the session of somebody else as by one that does not exist', async () => {
    const server = await start();
    const [ada, bob] = [await peer(server, 'ada'), await peer(server, 'bob')];
    const { upload_id } = (await ada.chunk(0, 'a', { idempotency_key: 'k' })).json;
    const his = [
      await bob.chunk(1, 'b', { upload_id }),
      await bob.chunk(1, 'b', { upload_id, idempotency_key: 'k' }),
      await bob.status(upload_id),
      await bob.send('DELETE', `/batches/upload-chunk/${upload_id}`),
    ];
    const nobodys = await bob.status('none');
    for (const answer of his) expect(answer.json).toEqual(nobodys.json);
    expect((await ada.status(upload_id)).json.received).toEqual([[0, 1]]);
  });
});

describe('a body over the limit', () => {
  it.each(['says its length', 'does not say its length'])(
    'that %s gets its answer, then the connection closes',
    async (how) => {
      const dataDir = await folder();
      const server = await start({ dataDir, maxBodyBytes: 100_000 });
      const token = await server.issueToken('ada');
      const isKnown = how === 'says its length';
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
      const answer = await say(server.url(), `${head.join('\r\n')}\r\n\r\n`, ...(isKnown ? [body] : chunked));
      expect(seen(answer)).toEqual([413, 'too_large', true]);
      expect(await readdir(join(dataDir, 'temp'))).toEqual([]);
    },
  );
});

describe('what is no request', () => {
  it('is told so, in JSON, with a code', async () => {
    const url = (await start()).url();
    expect(seen(await say(url, 'HELLO\r\n\r\n'))).toEqual([400, 'bad_request', true]);
    const long = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(seen(await say(url, long))).toEqual([431, 'headers_too_large', true]);
  });

  it('is no form', async () => {
    const ada = await alone();
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
