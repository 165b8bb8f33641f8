import { expect, it } from 'vitest';
import { applyFilter, NO_FILTER } from '../../../../src/app/queue/list-filter.ts';
import type { UploadView } from '../../../../src/page/index.ts';
import { createUpload } from '../../../fixtures/upload.ts';

it('finds an upload by the name of each file, not by its title', () => {
  const [one, batch] = [createView('letter.txt'), createView('north.jpg', 'south.jpg')];
  const found = (search: string) => applyFilter([one, batch], { ...NO_FILTER, search });
  expect(found('SOUTH')).toEqual([batch]);
  expect(found('letter')).toEqual([one]);
  // The title is "north.jpg and 1 more".
  expect(found('and 1')).toEqual([]);
});

function createView(...names: string[]): UploadView {
  const upload = createUpload({ files: names.map((name) => ({ name, type: '', sizeBytes: 0, modifiedAt: 0 })) });
  return { ...upload, closeForecast: { kind: 'nothing-left' } } as UploadView;
}
