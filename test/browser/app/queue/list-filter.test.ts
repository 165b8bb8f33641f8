import { expect, it } from 'vitest';
import { applyFilter, NO_FILTER } from '../../../../src/app/queue/list-filter.ts';
import type { UploadView } from '../../../../src/page/index.ts';
import { createUpload } from '../../../fixtures/upload.ts';

it('an upload is found by the name of each of its files, and by no other word of its title', () => {
  const [one, batch] = [aView('letter.txt'), aView('north.jpg', 'south.jpg')];
  const found = (search: string) => applyFilter([one, batch], { ...NO_FILTER, search });
  expect(found('SOUTH')).toEqual([batch]);
  expect(found('letter')).toEqual([one]);
  // It is called "north.jpg and 1 more".
  expect(found('and 1')).toEqual([]);
});

function aView(...names: string[]): UploadView {
  const upload = createUpload({ files: names.map((name) => ({ name, type: '', sizeBytes: 0, modifiedAt: 0 })) });
  return { ...upload, closeForecast: { kind: 'nothing-left' } } as UploadView;
}
