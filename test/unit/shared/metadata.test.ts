import { describe, expect, it } from 'vitest';
import { createChunkForm, createWholeForm } from '../../../src/shared/http/requests.ts';
import { createMetadata, listFormFields } from '../../../src/shared/metadata.ts';
import { createUpload } from '../../fixtures/upload.ts';

const metadata = { upload_type: 'zip', task_id: 't', notes: '', profile_id: '0', color: 'red' };
const basic = { features: [], rejectsExtraFields: false, rateBytesPerSecond: null };
const textFields = (form: FormData) => Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));

describe('metadata of the basic level', () => {
  it('keeps profile 0 and empty notes, and omits null and missing values', () => {
    const fields = { uploadType: 'zip', notes: '', profileId: 0 };
    expect(createMetadata({ ...fields, taskId: null })).toEqual({ upload_type: 'zip', notes: '', profile_id: '0' });
    expect(createMetadata({ uploadType: 'file' })).toEqual({ upload_type: 'file' });
  });

  it('lists task and type for every request, the rest for the final one', () => {
    expect(listFormFields(metadata, { isFinal: false })).toEqual([
      ['upload_type', 'zip'],
      ['task_id', 't'],
    ]);
    expect(listFormFields(metadata, { isFinal: true })).toHaveLength(4);
  });

  it('omits keys that are no form fields of the basic level', () => {
    const upload = createUpload({ metadata, sizeBytes: 2 });
    const { color: _, ...sent } = metadata;
    expect(textFields(createWholeForm(upload, [new File(['ab'], 'a.bin')], basic))).toEqual(sent);
    const toForm = (index: number) => {
      const chunk = { index, start: index, end: index + 1 };
      return createChunkForm(
        { upload, chunk, chunksTotal: 2, bytes: new Blob(['a']), sha256: null, continues: null },
        basic,
      );
    };
    expect(textFields(toForm(0))).not.toHaveProperty('notes');
    expect(textFields(toForm(1))).toMatchObject(sent);
    expect(textFields(toForm(1))).not.toHaveProperty('color');
  });
});
