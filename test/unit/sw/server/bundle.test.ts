import { describe, expect, it } from 'vitest';
import { UploadError } from '../../../../src/shared/errors.ts';
import { createBundleForm, parseSentBundle } from '../../../../sw/server/bundle.ts';
import { createUpload } from '../../../fixtures/upload.ts';

describe('form of a bundle', () => {
  it('carries the list of the uploads, then their bytes', async () => {
    const metadata = { upload_type: 'file', task_id: 'T-1', notes: '', profile_id: '0' };
    const named = createUpload({ metadata });
    const other = createUpload();
    const form = createBundleForm([
      { upload: named, file: new File(['ab'], 'a “1”\n.txt', { type: 'text/plain' }), sha256: 'f0' },
      { upload: other, file: new File([''], 'empty'), sha256: null },
    ]);
    expect([...form.keys()]).toEqual(['uploads', 'bytes']);
    const [list, bytes] = [form.get('uploads'), form.get('bytes')] as File[];
    expect(JSON.parse((await list?.text()) ?? '')).toEqual([
      {
        idempotency_key: named.id,
        ...metadata,
        filename: 'a “1”\n.txt',
        type: 'text/plain',
        size_bytes: 2,
        sha256: 'f0',
      },
      { idempotency_key: other.id, upload_type: 'file', filename: 'empty', type: '', size_bytes: 0 },
    ]);
    expect(await bytes?.text()).toBe('ab');
  });
});

describe('response to a bundle', () => {
  it('has a batch or an error for each upload', () => {
    const batch = { idempotency_key: 'a', batch_id: 'b1' };
    const refusal = { idempotency_key: 'b', status: 422, error: 'checksum_mismatch', message: 'Damaged.' };
    const { results, receivedMs } = parseSentBundle({ results: [batch, refusal], received_ms: 12 });
    expect(receivedMs).toBe(12);
    expect(results.get('a')).toEqual(batch);
    expect(results.get('b')).toMatchObject({
      code: 'checksum',
      status: 422,
      serverCode: 'checksum_mismatch',
      message: 'Damaged.',
    });
  });

  it.each([[{}], [{ status: 200 }], [{ status: 'late' }], [{ batch_id: '' }]])(
    'reports an unusable result of one upload: %j',
    (result) => {
      const { results } = parseSentBundle({ results: [{ idempotency_key: 'a', ...result }] });
      expect(results.get('a')).toBeInstanceOf(UploadError);
      expect(results.get('a')).toMatchObject({ code: 'bad_response' });
    },
  );

  it.each([[undefined], [{}], [{ results: {} }], [{ results: [1] }]])('rejects %j', (json) => {
    expect(() => parseSentBundle(json)).toThrow(expect.objectContaining({ code: 'bad_response' }));
  });
});
