import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ApiResponse, folder, form, type Peer, peer, refusal, sha256, start, startWithPeer } from '../peer.ts';

/** An upload of a bundle: its fields, of which the size is right by default, and its bytes. */
type Bundled = { readonly bytes: string } & Readonly<Record<string, unknown>>;

function toBundle(uploads: readonly Bundled[]): FormData {
  const list = uploads.map(({ bytes, ...fields }, n) => ({
    idempotency_key: `key ${n}`,
    upload_type: 'file',
    filename: `${n}.txt`,
    size_bytes: Buffer.byteLength(bytes),
    ...fields,
  }));
  return form({ uploads: new Blob([JSON.stringify(list)]), bytes: new Blob(uploads.map(({ bytes }) => bytes)) });
}

function send(ada: Peer, body: FormData): Promise<ApiResponse> {
  return ada.send('POST', '/batches/upload-bundle', body);
}

describe('bundle', () => {
  it('makes a batch of each upload', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const { status, json } = await send(
      ada,
      toBundle([
        { bytes: 'one', notes: '', profile_id: 0, type: 'text/plain', sha256: sha256('one') },
        { bytes: '', filename: 'empty/..' },
        { bytes: 'three', upload_type: 'zip_no_qr', task_id: 'T-1', profile_id: '7' },
        { bytes: 'x'.repeat(200_000) },
      ]),
    );
    expect(status).toBe(200);
    expect(json.features).toContain('bundle');
    expect(json.results.map((result: object) => Object.keys(result))).toEqual(
      Array.from({ length: 4 }, () => ['idempotency_key', 'batch_id']),
    );
    const ids: string[] = json.results.map((result: { batch_id: string }) => result.batch_id);
    expect(await Promise.all(ids.map((id) => ada.download(id)))).toEqual(['one', '', 'three', 'x'.repeat(200_000)]);
    const [first, second, third] = await Promise.all(ids.map(async (id) => (await ada.get(`/batches/${id}`)).json));
    expect(first).toMatchObject({ idempotency_key: 'key 0', notes: '', profile_id: 0, task_id: null });
    expect(first.files).toMatchObject([{ name: '0.txt', type: 'text/plain', sha256: sha256('one') }]);
    expect(second.files).toMatchObject([{ name: 'empty/..', size_bytes: 0, sha256: sha256('') }]);
    expect(third).toMatchObject({ upload_type: 'zip_no_qr', task_id: 'T-1', profile_id: 7 });
    expect(await readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('keeps its batches over a restart', async () => {
    const dataDir = await folder();
    const before = await peer(await start({ dataDir }));
    const { results } = (await send(before, toBundle([{ bytes: 'one' }, { bytes: 'two' }]))).json;
    await before.server.close();
    const ada = await peer(await start({ dataDir }));
    expect(await ada.download(results[0].batch_id)).toBe('one');
    expect((await send(ada, toBundle([{ bytes: 'one' }, { bytes: 'two' }]))).json.results).toEqual(results);
  });

  it('fails each upload alone, in the order of the list', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir, maxUploadBytes: 10 }));
    const { status, json } = await send(
      ada,
      toBundle([
        { bytes: 'good' },
        { bytes: 'damaged', sha256: sha256('other') },
        { bytes: 'x', upload_type: 'unheard of' },
        { bytes: 'x', upload_type: 'zip_no_qr' },
        { bytes: 'more than ten bytes' },
        { bytes: 'x', filename: 'x'.repeat(256) },
        { bytes: 'x', profile_id: -1 },
        { bytes: 'x', task_id: 7 },
        { bytes: 'good too' },
      ]),
    );
    expect(status).toBe(200);
    const outcomes = json.results.map(
      ({ status, error, batch_id }: Record<string, unknown>) => batch_id ?? [status, error],
    );
    expect(outcomes).toEqual([
      expect.any(String),
      [422, 'checksum_mismatch'],
      [400, 'unknown_upload_type'],
      [400, 'task_id_required'],
      [422, 'upload_too_large'],
      [400, 'bad_field'],
      [400, 'bad_field'],
      [400, 'bad_field'],
      expect.any(String),
    ]);
    expect(json.results[3]).toEqual({
      idempotency_key: 'key 3',
      error: 'task_id_required',
      message: 'Task ID required',
      status: 400,
    });
    expect(await ada.batches()).toHaveLength(2);
    expect(await ada.download(outcomes.at(-1))).toBe('good too');
    expect(await readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('returns the same batches when it is sent again, also at the same time', async () => {
    const ada = await startWithPeer();
    const uploads = Array.from({ length: 30 }, (_, n) => ({ bytes: `${n}` }));
    const [first, second] = await Promise.all([send(ada, toBundle(uploads)), send(ada, toBundle(uploads))]);
    expect(first.status).toBe(200);
    expect(second.json.results).toEqual(first.json.results);
    expect((await send(ada, toBundle(uploads))).json.results).toEqual(first.json.results);
    expect(await ada.batches()).toHaveLength(30);
    const { batches } = (await ada.get('/batches?idempotency_key=key%207')).json;
    expect(batches).toMatchObject([{ batch_id: first.json.results[7].batch_id }]);
  });

  it('shares its keys with other uploads of the user only', async () => {
    const server = await start();
    const [ada, bob] = [await peer(server, 'ada'), await peer(server, 'bob')];
    const { batch_id } = (await ada.direct('whole', { idempotency_key: 'key 0' })).json;
    const { upload_id } = (await ada.chunk(0, 'chunk', { idempotency_key: 'key 1' })).json;
    const { results } = (await send(ada, toBundle([{ bytes: 'a' }, { bytes: 'b' }]))).json;
    expect(results[0].batch_id).toBe(batch_id);
    expect((await ada.chunk(1, 'chunk', { idempotency_key: 'key 1', upload_id })).json.batch_id).toBe(
      results[1].batch_id,
    );
    const bobs = (await send(bob, toBundle([{ bytes: 'bob' }]))).json.results;
    expect(await bob.download(bobs[0].batch_id)).toBe('bob');
  });

  it('accepts 1000 uploads', async () => {
    const ada = await startWithPeer();
    const { json } = await send(ada, toBundle(Array.from({ length: 1000 }, (_, n) => ({ bytes: `${n}` }))));
    expect(json.results.map((result: object) => Object.keys(result))).toEqual(
      Array.from({ length: 1000 }, () => ['idempotency_key', 'batch_id']),
    );
    expect(await ada.download(json.results[999].batch_id)).toBe('999');
  });
});

describe('malformed bundle', () => {
  const one = { idempotency_key: 'k', upload_type: 'file', filename: 'x', size_bytes: 2 };
  const parts = (list: unknown, bytes = 'xy') =>
    form({ uploads: new Blob([typeof list === 'string' ? list : JSON.stringify(list)]), bytes: new Blob([bytes]) });

  it.each<[string, FormData]>([
    ['without uploads', parts([])],
    [
      'with 1001 uploads',
      parts(
        Array.from({ length: 1001 }, () => ({ ...one, size_bytes: 0 })),
        '',
      ),
    ],
    ['with a list that is not JSON', parts('[{')],
    ['with a list over 1 MiB', parts([{ ...one, notes: 'x'.repeat(1024 * 1024) }])],
    ['without a key', parts([{ ...one, idempotency_key: undefined }])],
    ['without a size', parts([{ ...one, size_bytes: null }])],
    ['with a negative size', parts([one, { ...one, size_bytes: -1 }])],
    ['with too few bytes', parts([one, one], 'xyx')],
    ['with too many bytes', parts([one, one], 'xyxyx')],
    ['with many bytes too many', parts([one], 'x'.repeat(3_000_000))],
    ['with a list that is not valid before many bytes', parts([], 'x'.repeat(3_000_000))],
    ['without bytes', form({ uploads: new Blob([JSON.stringify([one])]) })],
    ['with the parts in another order', form({ bytes: new Blob(['xy']), uploads: new Blob([JSON.stringify([one])]) })],
    [
      'with a third part',
      form({ uploads: new Blob([JSON.stringify([one])]), bytes: new Blob(['xy']), more: new Blob(['xy']) }),
    ],
    ['with no parts', form({ notes: 'x' })],
  ])('is refused %s, and makes no batch', async (_, body) => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    expect(refusal(await send(ada, body))).toBe('400 bad_bundle');
    expect(await ada.batches()).toEqual([]);
    expect(await readdir(join(dataDir, 'temp'))).toEqual([]);
  });

  it('leaves no file when the sender hangs up', async () => {
    const dataDir = await folder();
    const ada = await peer(await start({ dataDir }));
    const body = new Response(toBundle(Array.from({ length: 10 }, () => ({ bytes: 'x'.repeat(100_000) }))));
    const headers = { 'Content-Type': body.headers.get('Content-Type') ?? '', Authorization: `Bearer ${ada.token}` };
    const request = httpRequest(`${ada.server.url()}/api/batches/upload-bundle`, { method: 'POST', headers });
    request.on('error', () => undefined);
    request.write(Buffer.from(await body.arrayBuffer()).subarray(0, 800_000));
    await expect.poll(async () => (await readdir(join(dataDir, 'temp'))).length).toBeGreaterThan(6);
    request.destroy();
    await expect.poll(() => readdir(join(dataDir, 'temp'))).toEqual([]);
    expect(await ada.batches()).toEqual([]);
  });

  it('is refused when it is larger than a request may be', async () => {
    const ada = await startWithPeer({ maxBodyBytes: 1000 });
    expect(refusal(await send(ada, toBundle([{ bytes: 'x'.repeat(1000) }])))).toBe('413 too_large');
  });
});

describe('server at the basic level', () => {
  it('has no bundles, file lists, pages and ZIPs', async () => {
    const ada = await startWithPeer({ level: 'basic' });
    expect(refusal(await send(ada, toBundle([{ bytes: 'x' }])))).toBe('404 not_found');
    const list = new Blob([JSON.stringify([{ name: 'x', size_bytes: 1 }])]);
    const refused = await ada.chunk(0, 'x', { idempotency_key: 'k', file_size: 1, file_count: 1, file_list: list });
    expect([refusal(refused), refused.json.field]).toEqual(['400 bad_field', 'file_list']);
    const { batch_id } = (await ada.direct('x')).json;
    for (const route of ['files', 'zip'])
      expect(refusal(await ada.get(`/batches/${batch_id}/${route}`))).toBe('404 not_found');
    // The fields of extensions are unknown there.
    expect((await ada.chunk(0, 'x', { file_count: 'x' })).status).toBe(200);
  });
});
