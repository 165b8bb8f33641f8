import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ar } from '../../../../src/app/i18n/ar.ts';
import { de } from '../../../../src/app/i18n/de.ts';
import { en } from '../../../../src/app/i18n/en.ts';

const SERVER = join(import.meta.dirname, '../../../../src/server');
/** `new ApiError(400, 'code'`, also over several lines, and codes that are passed to `notFound`. */
const CODES = [/new ApiError\(\s*\d+,\s*'(\w+)'/g, /notFound\('(\w+)'/g, /notFound\(code = '(\w+)'/g];

it('has a text for every error code of the server', async () => {
  const names = await readdir(SERVER, { recursive: true });
  const sources = await Promise.all(
    names.filter((name) => name.endsWith('.ts')).map((name) => readFile(join(SERVER, name), 'utf8')),
  );
  const codes = CODES.flatMap((pattern) => [...sources.join('\n').matchAll(pattern)].map(([, code]) => code ?? ''));
  // Fewer would mean that the patterns no longer match the code.
  expect(new Set(codes).size).toBeGreaterThan(20);
  expect(codes.filter((code) => !Object.hasOwn(en.errors, code))).toEqual([]);
});

it.each([
  ['English', en],
  ['German', de],
  ['Arabic', ar],
])('fills limits and names into the error texts (%s)', (_, { errors }) => {
  const details = { size: '60 MB', limit: '5 MB', file: 'plan.pdf', field: 'Task ID' };
  const format = (code: keyof typeof errors) => {
    const text = errors[code];
    return typeof text === 'string' ? text : text(details);
  };
  expect(format('upload_too_large')).toMatch(/60 MB.*5 MB/);
  expect(format('batch_too_large')).toContain('5 MB');
  expect(format('unreadable_file')).toContain('plan.pdf');
  expect(format('storage_full')).toContain('plan.pdf');
  expect(format('bad_field')).toContain('Task ID');
});
