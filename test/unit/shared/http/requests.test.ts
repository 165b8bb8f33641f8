import { describe, expect, it } from 'vitest';
import { parseChunkUrl } from '../../../../src/shared/background-fetch.ts';
import { MAX_REQUEST_BYTES } from '../../../../src/shared/chunks.ts';
import {
  createChunkForm,
  createStandaloneRequest,
  createWholeForm,
  estimateRequestBytes,
} from '../../../../src/shared/http/requests.ts';
import type { ServerProfile } from '../../../../src/shared/server-profile.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const EXTENSIONS = ['idempotency_key', 'generation', 'chunk_offset', 'file_size', 'chunk_sha256', 'ticket'];
const profile: ServerProfile = { features: EXTENSIONS, rejectsExtraFields: false, rateBytesPerSecond: null };
const session = { id: 's', data: { ticket: 't' } };
const upload = createUpload({ sizeBytes: 10, generation: 2, session });
const chunk = { index: 1, start: 4, end: 8 };
const request = { upload, chunk, chunksTotal: 3, bytes: new Blob(['abcd']), sha256: 'f00', continues: null };

describe('requests', () => {
  it('counts the form of a whole upload as part of its request', () => {
    const estimate = (sizeBytes: number) => estimateRequestBytes(createUpload({ sizeBytes }));
    expect(estimate(MAX_REQUEST_BYTES - 1)).toBeGreaterThan(MAX_REQUEST_BYTES);
    expect(estimate(MAX_REQUEST_BYTES - 10_000)).toBeLessThanOrEqual(MAX_REQUEST_BYTES);
  });

  it('names every file of a whole upload, also those missing in the record', () => {
    const files = Array.from({ length: 30 }, (_, n) => new File(['a'], `${n}.jpg`));
    const images = createUpload({ metadata: { upload_type: 'images', task_id: 't' }, fileCount: files.length });
    const form = createWholeForm(images, files, { ...profile, features: [] });
    expect(form.getAll('files').map((file) => (file as File).name)).toEqual(files.map(({ name }) => name));
  });

  it('sends a field for each listed extension, and none at the basic level', () => {
    const extended = createChunkForm(request, profile);
    const basic = createChunkForm(request, { ...profile, features: [] });
    expect(EXTENSIONS.map((name) => extended.get(name))).toEqual([upload.id, '2', '4', '10', 'f00', 't']);
    expect(EXTENSIONS.filter((name) => basic.has(name))).toEqual([]);
    expect([basic.get('upload_id'), basic.get('chunk_index'), basic.get('is_final_chunk')]).toEqual([
      's',
      '1',
      'false',
    ]);
  });

  it('encodes the name of a file where the server lists it', () => {
    const named = createUpload({
      files: [{ name: 'a “b"\n%.txt', type: '', sizeBytes: 1, modifiedAt: 0 }],
      sizeBytes: 1,
    });
    const listed = { ...profile, features: ['encoded_filename'] };
    const whole = createWholeForm(named, [new File(['a'], 'a')], listed);
    const part = createChunkForm({ ...request, upload: named }, listed);
    for (const form of [whole, part]) expect(form.get('encoded_filename')).toBe('a%20%E2%80%9Cb%22%0A%25.txt');
    expect(createWholeForm(named, [new File(['a'], 'a')], profile).has('encoded_filename')).toBe(false);
  });

  it('sends the file count with each chunk, and the list before the bytes', async () => {
    const withLists = { ...profile, features: [...EXTENSIONS, 'file_list'] };
    const many = { ...request, upload: createUpload({ sizeBytes: 10, fileCount: 300 }) };
    const fileList = new Blob(['[]']);
    const first = createChunkForm({ ...many, chunk: { ...chunk, index: 0 }, fileList }, withLists);
    expect([...first.keys()].slice(-3)).toEqual(['file_count', 'file_list', 'chunk']);
    expect(await (first.get('file_list') as File).text()).toBe('[]');
    const later = createChunkForm({ ...many, fileList: null }, withLists);
    expect([later.get('file_count'), later.has('file_list')]).toEqual(['300', false]);
    expect(createChunkForm(request, withLists).has('file_count')).toBe(false);
    expect(createChunkForm(many, profile).has('file_count')).toBe(false);
  });

  it('creates a standalone request with a ticket and without a token', async () => {
    const standalone = createStandaloneRequest('https://api.test', request, profile);
    expect(standalone.url.split('#')[0]).toBe('https://api.test/batches/upload-chunk');
    expect(parseChunkUrl(standalone.url)).toEqual({ uploadId: upload.id, generation: 2, index: 1, sizeBytes: 4 });
    expect(standalone.headers.has('Authorization')).toBe(false);
    expect(standalone.redirect).toBe('error');
    expect((await standalone.formData()).get('ticket')).toBe('t');
  });
});
