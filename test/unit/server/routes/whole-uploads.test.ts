import { describe, expect, it } from 'vitest';
import { SINGLE_FILE } from '../../../../src/server/uploads/upload-types.ts';
import { form, refusal, sha256, startWithPeer } from '../peer.ts';

describe('whole upload', () => {
  it('makes a batch with digests', async () => {
    const ada = await startWithPeer();
    const answer = await ada.direct('hello', { notes: 'n', profile_id: 3, task_id: 't' });
    const files = [{ name: 'film.mov', size_bytes: 5, sha256: sha256('hello') }];
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ batch_id: expect.any(String), files, features: expect.any(Array) });
    const [batch] = await ada.batches();
    expect(batch).toMatchObject({ upload_type: 'file', task_id: 't', notes: 'n', profile_id: 3, files });
    expect(Number.isNaN(Date.parse(batch.created_at))).toBe(false);
    expect(await ada.download(answer.json.batch_id)).toBe('hello');
  });

  it('accepts an empty file, and a file before the fields', async () => {
    const ada = await startWithPeer();
    const body = form({ file: new Blob([]), upload_type: 'zip' });
    const { status, json } = await ada.send('POST', '/batches/upload', body);
    expect(status).toBe(200);
    const file = { name: 'film.mov', path: null, type: 'application/octet-stream', size_bytes: 0, modified_at: null };
    expect(json.files).toEqual([{ ...file, sha256: sha256('') }]);
  });

  it('keeps the order of many images', async () => {
    const ada = await startWithPeer();
    const body = form({ upload_type: 'images', task_id: 't' });
    for (let n = 0; n < 40; n++) body.append('files', new Blob([`picture ${n}`]), `${n}.jpg`);
    const { json } = await ada.send('POST', '/batches/upload', body);
    expect(json.files.map(({ name }: { name: string }) => name)).toEqual(
      Array.from({ length: 40 }, (_, n) => `${n}.jpg`),
    );
    expect(await ada.download(json.batch_id, 39)).toBe('picture 39');
  });

  it('lists batches newest first', async () => {
    const ada = await startWithPeer();
    for (const text of ['a', 'bb']) await ada.direct(text);
    expect((await ada.batches()).map(({ files }) => files[0].size_bytes)).toEqual([2, 1]);
  });

  it('stores any name as text and never as a path', async () => {
    const ada = await startWithPeer();
    const names = [
      '../../etc/passwd',
      '/etc/passwd',
      'C:\\boot.ini',
      'naïve 😀 "x".txt',
      'gpj.\u202eexe',
      '..',
      'a'.repeat(255),
    ];
    for (const filename of names) {
      const { status, json } = await ada.chunk(0, 'x', { filename, total_chunks: 1 });
      expect(status).toBe(200);
      expect((await ada.get(`/batches/${json.batch_id}`)).json.files[0].name).toBe(filename);
      const { headers } = await ada.get(`/batches/${json.batch_id}/files/0`);
      expect(headers.get('Content-Disposition')).toMatch(/^attachment; filename="file"; filename\*=UTF-8''[\w.!~%-]+$/);
      expect(decodeURIComponent(headers.get('Content-Disposition') ?? '')).not.toMatch(/[/\\\u202e]/);
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    }
    const direct = await ada.direct('x', { filename: undefined });
    expect(direct.status).toBe(200);
  });

  it('refuses missing files, other file fields and invalid fields', async () => {
    const ada = await startWithPeer();
    const post = (fields: Parameters<typeof form>[0]) => ada.send('POST', '/batches/upload', form(fields));
    const file = new Blob(['x']);
    expect(refusal(await post({ upload_type: 'file' }))).toBe('400 bad_field');
    expect((await post({ file })).json).toMatchObject({ error: 'bad_field', field: 'upload_type' });
    expect(refusal(await post({ upload_type: 'tar', file }))).toBe('400 unknown_upload_type');
    expect(refusal(await post({ upload_type: 'zip_no_qr', file }))).toBe('400 task_id_required');
    expect(refusal(await post({ upload_type: 'images', task_id: '', files: file }))).toBe('400 task_id_required');
    expect((await post({ upload_type: 'file', other: file })).json).toMatchObject({
      error: 'bad_field',
      field: 'other',
    });
    const bad = await post({ upload_type: 'file', profile_id: -1, file });
    expect(bad.json).toMatchObject({ error: 'bad_field', field: 'profile_id', message: expect.any(String) });
    expect((await post({ upload_type: 'file', filename: 'n'.repeat(256), file })).json.field).toBe('file');
    expect(await ada.batches()).toEqual([]);
  });

  it('accepts the upload types that the options list', async () => {
    const ada = await startWithPeer({ uploadTypes: { tar: SINGLE_FILE } });
    expect((await ada.direct('x', { upload_type: 'tar' })).status).toBe(200);
    expect(refusal(await ada.direct('x', { upload_type: 'zip' }))).toBe('400 unknown_upload_type');
  });
});

describe('download', () => {
  it('sends the requested range, before and after chunks are joined', async () => {
    const ada = await startWithPeer();
    const { upload_id } = (await ada.chunk(0, '0123', { total_chunks: 2 })).json;
    const { batch_id } = (await ada.chunk(1, '456789', { upload_id, total_chunks: 2 })).json;
    const range = async (Range: string) => {
      const { status, headers, json } = await ada.send('GET', `/batches/${batch_id}/files/0`, undefined, { Range });
      return [status, headers.get('Content-Range'), typeof json === 'string' ? json : json.error];
    };
    for (const whenJoined of [false, true]) {
      if (whenJoined) await ada.server.batches.joined();
      expect(await range('bytes=2-5')).toEqual([206, 'bytes 2-5/10', '2345']);
      expect(await range('bytes=8-')).toEqual([206, 'bytes 8-9/10', '89']);
      expect(await range('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789']);
      expect(await range('bytes=0-999')).toEqual([206, 'bytes 0-9/10', '0123456789']);
      expect(await range('bytes=10-')).toEqual([416, 'bytes */10', 'bad_range']);
      expect(await range('bytes=-0')).toEqual([416, 'bytes */10', 'bad_range']);
      expect(await range('lines=1-2')).toEqual([200, null, '0123456789']);
      expect(await range('bytes=5-2')).toEqual([200, null, '0123456789']);
    }
  });

  it('responds 404 to a file that does not exist', async () => {
    const ada = await startWithPeer();
    const { batch_id } = (await ada.direct('x')).json;
    for (const n of ['1', '-1', 'x', '0x0', '%20', '..%2f0']) {
      expect(refusal(await ada.get(`/batches/${batch_id}/files/${n}`))).toBe('404 batch_not_found');
    }
    expect(refusal(await ada.get('/batches/none'))).toBe('404 batch_not_found');
  });
});
