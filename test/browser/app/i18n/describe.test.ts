import { expect, it } from 'vitest';
import { describeError, describeErrorCode, describeSent, describeTitle } from '../../../../src/app/i18n/describe.ts';
import { UploadError } from '../../../../src/page/index.ts';

it('isolates the direction of a name in a title and groups digits', () => {
  const files = [{ name: '0 صورة', type: '', sizeBytes: 0, modifiedAt: 0 }];
  expect(describeTitle({ files, fileCount: 1235 })).toBe('\u20680 صورة\u2069 and 1,234 more');
});

it('omits the unit of the sent bytes where the total has the same one', () => {
  expect(describeSent(2_000_000, 20_000_000)).toBe('2.0 of 20.0 MB');
  expect(describeSent(134_000_000, 1_500_000_000)).toBe('134 MB of 1.5 GB');
});

it('takes limits, names and fields from the message of an error', () => {
  const tooLarge = describeErrorCode('upload_too_large', 'An upload may have 5000000 bytes at most.', 60_000_000);
  expect(tooLarge).toBe('60.0 MB; this server accepts at most 5.0 MB.');
  const message = '60 MB is over this server’s 50 MB limit.';
  expect(describeErrorCode('upload_too_large', message, 60_000_000)).toBe(
    '60.0 MB; this server accepts at most 50.0 MB.',
  );
  const unreadable = describeErrorCode('unreadable_file', '“a.jpg” could not be read: it was moved.');
  expect(unreadable).toContain('“\u2068a.jpg\u2069” couldn’t be read');
  expect(describeErrorCode('bad_field', 'The field profile_id is missing.')).toBe('Check the field “Profile ID”.');
});

it('shows the message for a code without a text', () => {
  expect(describeErrorCode('quota_of_plan', 'Your plan is full.')).toBe('Your plan is full.');
  expect(describeErrorCode('constructor', 'Not found.')).toBe('Not found.');
  expect(describeError(new UploadError('refused', 'No more today.'))).toBe('No more today.');
});
