import { describe, expect, it } from 'vitest';
import { ManyFiles, TRIP, toList } from '../many-files.ts';
import { refusal, startWithPeer } from '../peer.ts';

describe('list of an upload of many files', () => {
  it('must come with chunk 0', async () => {
    const ada = await startWithPeer();
    const upload = new ManyFiles(ada, TRIP, 10);
    const second = (await upload.send(1)).json;
    expect(refusal(await upload.send(0, null))).toBe('422 bad_file_list');
    expect((await ada.status(second.upload_id)).json.received).toEqual([[1, 2]]);
    expect((await upload.send(0)).json.batch_id).toEqual(expect.any(String));
  });

  it('is replaced when chunk 0 comes again, and kept when it comes without', async () => {
    const ada = await startWithPeer();
    const upload = new ManyFiles(ada, TRIP, 10);
    await upload.send(0);
    const renamed = toList(TRIP).map((file) => ({ ...file, path: null, name: `new ${file.name}` }));
    expect((await upload.send(0, renamed)).status).toBe(200);
    expect((await upload.send(0, null)).status).toBe(200);
    const { batch_id } = (await upload.send(1)).json;
    const { files } = (await ada.get(`/batches/${batch_id}/files`)).json;
    expect(files.map(({ name }: { name: string }) => name)).toEqual(renamed.map(({ name }) => name));
    expect(files[0].path).toBeNull();
  });

  it('is used as it was stored with the batch, whatever comes later', async () => {
    const ada = await startWithPeer();
    const upload = new ManyFiles(ada, TRIP, 10);
    const batchId = await upload.sendAll();
    const other = toList(TRIP).map((file) => ({ ...file, path: null, name: 'other' }));
    expect((await upload.send(0, other)).json.batch_id).toBe(batchId);
    expect((await ada.get(`/batches/${batchId}`)).json.files[1].name).toBe('a.txt');
  });

  const [first = {}, ...others] = toList(TRIP);
  it.each<[string, unknown]>([
    ['that is not JSON', '[{'],
    ['that is no array', { files: [] }],
    ['with a file too few', others],
    ['with a file too many', [first, ...toList(TRIP)]],
    ['with other sizes than file_size', [{ ...first, size_bytes: 1 }, ...others]],
    ['with a negative size', [{ ...first, size_bytes: -1 }, ...others]],
    ['with a fractional size', [{ ...first, size_bytes: 0.5 }, ...others]],
    ['without a name', [{ ...first, name: '' }, ...others]],
    ['with a path of another name', [{ ...first, path: 'trip/other.txt' }, ...others]],
    ['with a path that leads out', [{ ...first, path: '../empty first.txt' }, ...others]],
    ['with an absolute path', [{ ...first, path: '/empty first.txt' }, ...others]],
    ['with an empty folder name', [{ ...first, path: 'trip//empty first.txt' }, ...others]],
    ['with a backslash', [{ ...first, path: '..\\trip/empty first.txt' }, ...others]],
    ['with a control character', [{ ...first, path: 'a\u0000/empty first.txt' }, ...others]],
    ['with a path that is too long', [{ ...first, path: `${'x'.repeat(1010)}/empty first.txt` }, ...others]],
    ['with a time that does not exist', [{ ...first, modified_at: '2026-02-31T10:00:00' }, ...others]],
  ])('is refused %s', async (_, list) => {
    const ada = await startWithPeer();
    expect(refusal(await new ManyFiles(ada, TRIP, 10).send(0, list))).toBe('422 bad_file_list');
    expect(ada.server.sessions.ids).toEqual([]);
  });

  it('may omit everything but name and size, and replaces lone surrogates', async () => {
    const ada = await startWithPeer();
    const upload = new ManyFiles(ada, [{ path: 'x', bytes: 'x' }], 1);
    const { batch_id } = (await upload.send(0, '[{"name":"\\ud800.txt","size_bytes":1,"more":true}]')).json;
    expect((await ada.get(`/batches/${batch_id}`)).json.files).toMatchObject([
      { name: '\ufffd.txt', path: null, type: '', modified_at: null },
    ]);
    expect(await ada.download(batch_id)).toBe('x');
  });

  it('has at most 100,000 files and 16 MiB', async () => {
    const ada = await startWithPeer();
    const count = (file_count: number) => new ManyFiles(ada, TRIP, 10, { file_count }).send(0);
    expect(refusal(await count(100_001))).toBe('422 too_many_files');
    expect(refusal(await count(0))).toBe('400 bad_field');
    const large = JSON.stringify(toList(TRIP)).padEnd(16 * 1024 * 1024 + 1);
    expect(refusal(await new ManyFiles(ada, TRIP, 10).send(0, large))).toBe('422 too_many_files');
    expect((await new ManyFiles(ada, TRIP, 10).send(0, large.slice(0, -1))).status).toBe(200);
  });

  it('counts in the quota of unfinished uploads', async () => {
    const ada = await startWithPeer({ maxOpenBytes: 300, maxUploadBytes: 20 });
    const upload = new ManyFiles(ada, TRIP, 10);
    expect((await upload.send(1)).status).toBe(200);
    expect(refusal(await upload.send(0))).toBe('429 too_many_bytes');
    const one = new ManyFiles(ada, [{ path: 'a', bytes: 'x'.repeat(20) }], 10, { idempotency_key: 'one' });
    expect((await one.send(0)).status).toBe(200);
    expect((await one.send(1)).json.batch_id).toEqual(expect.any(String));
  });

  it('needs a key, an offset and the size', async () => {
    const ada = await startWithPeer();
    const list = new Blob([JSON.stringify([{ name: 'x', size_bytes: 1 }])]);
    const all = { idempotency_key: 'k', chunk_offset: 0, file_size: 1 };
    for (const field of Object.keys(all)) {
      const fields = { ...all, [field]: undefined, file_count: 1, total_chunks: 1, file_list: list };
      const refused = await ada.chunk(0, 'x', fields);
      expect([refusal(refused), refused.json.field]).toEqual(['400 bad_field', field]);
    }
    expect((await ada.chunk(0, 'x', { ...all, file_count: 1, total_chunks: 1, file_list: list })).json).toHaveProperty(
      'batch_id',
    );
  });

  it('belongs to chunk 0 of an upload with file_count only', async () => {
    const ada = await startWithPeer();
    const list = new Blob([JSON.stringify([{ name: 'x', size_bytes: 1 }])]);
    const plan = { idempotency_key: 'k', chunk_offset: 0, file_size: 1, total_chunks: 1, file_list: list };
    const refused = await ada.chunk(0, 'x', plan);
    expect([refusal(refused), refused.json.field]).toEqual(['400 bad_field', 'file_list']);
    const late = { ...plan, file_count: 1, total_chunks: 2, chunk_offset: 0 };
    expect(refusal(await ada.chunk(1, 'x', late))).toBe('400 bad_field');
  });

  it('has the same number of files in all chunks', async () => {
    const ada = await startWithPeer();
    await new ManyFiles(ada, TRIP, 10).send(0);
    for (const file_count of [TRIP.length + 1, '']) {
      const other = new ManyFiles(ada, TRIP, 10, file_count === '' ? {} : { file_count });
      const chunk =
        file_count === '' ? ada.chunk(1, 'klmnopqrs', { idempotency_key: 'many', total_chunks: 2 }) : other.send(1);
      expect(refusal(await chunk)).toBe('409 total_changed');
    }
  });
});
