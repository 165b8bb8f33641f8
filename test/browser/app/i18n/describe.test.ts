import { expect, it } from 'vitest';
import { describeTitle } from '../../../../src/app/i18n/describe.ts';

it('isolates the direction of a name in a title and groups digits', () => {
  const files = Array.from({ length: 1235 }, (_, i) => ({ name: `${i} صورة`, type: '', sizeBytes: 0, modifiedAt: 0 }));
  expect(describeTitle({ files })).toBe('\u20680 صورة\u2069 and 1,234 more');
});
