import { setImmediate } from 'node:timers/promises';
import * as v from 'valibot';
import { ApiError } from '../errors.ts';
import type { ListEntry } from '../store/file-list.ts';
import { tooManyFiles } from './file-count.ts';
import { MAX_NAME_LENGTH } from './form-fields.ts';

/** The size of a list, in bytes. */
const MAX_LIST_BYTES = 16 * 1024 * 1024;

const MAX_PATH_LENGTH = 1024;
/** Validating all entries at once would block other requests. */
const ENTRIES_A_TURN = 2000;

const text = (maxLength: number) =>
  v.pipe(
    v.string(),
    v.maxLength(maxLength),
    // Lone surrogates could be stored but not sent again.
    v.transform((value) => Buffer.from(value).toString()),
  );
const time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.check((value) => !Number.isNaN(Date.parse(value))),
  v.transform((value) => new Date(value).toISOString()),
);
const entry = v.pipe(
  v.object({
    name: v.pipe(text(MAX_NAME_LENGTH), v.minLength(1)),
    path: v.nullish(v.pipe(text(MAX_PATH_LENGTH), v.check(isRelativePath)), null),
    type: v.nullish(text(MAX_NAME_LENGTH), null),
    size_bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    modified_at: v.nullish(time, null),
  }),
  v.check(({ name, path }) => path === null || path === name || path.endsWith(`/${name}`)),
  v.transform(({ name, path, type, size_bytes: sizeBytes, modified_at: modifiedAt }): ListEntry => {
    return { name, path, type: type ?? '', sizeBytes, modifiedAt };
  }),
);

/** The fields of a chunk that its list must match. */
export interface ListFacts {
  readonly fileCount: number | null;
  readonly fileSize: number | null;
}

/** @throws ApiError 422 `too_many_files`. */
export function checkListSize(sizeBytes: number): void {
  if (sizeBytes > MAX_LIST_BYTES) throw tooManyFiles(`A list of files has at most ${MAX_LIST_BYTES} bytes.`);
}

/**
 * Parses a list of files, which is as untrusted as a form field.
 *
 * @throws ApiError 422 `bad_file_list`.
 */
export async function parseFileList(json: string, { fileCount, fileSize }: ListFacts): Promise<ListEntry[]> {
  const items = parseArray(json);
  if (items.length !== fileCount) throw badFileList(`it has ${items.length} files, and file_count is ${fileCount}`);
  const entries: ListEntry[] = [];
  for (const [n, item] of items.entries()) {
    const result = v.safeParse(entry, item);
    if (!result.success)
      throw badFileList(`file ${n} is not valid (${v.getDotPath(result.issues[0]) ?? 'name and path'})`);
    entries.push(result.output);
    if (entries.length % ENTRIES_A_TURN === 0) await setImmediate();
  }
  const sizeBytes = entries.reduce((sum, one) => sum + one.sizeBytes, 0);
  if (sizeBytes !== fileSize) throw badFileList(`its files have ${sizeBytes} bytes, and file_size is ${fileSize}`);
  return entries;
}

export function badFileList(problem: string): ApiError {
  return new ApiError(422, 'bad_file_list', `The list of files cannot be used: ${problem}. Correct it and send again.`);
}

function parseArray(json: string): readonly unknown[] {
  try {
    const items: unknown = JSON.parse(json);
    if (Array.isArray(items)) return items;
  } catch {
    // Reported below.
  }
  throw badFileList('it is not a JSON array');
}

/** Whether a path stays below the folder that it is relative to, on every platform. */
function isRelativePath(path: string): boolean {
  return !/[\\\p{Cc}]/u.test(path) && path.split('/').every((segment) => !['', '.', '..'].includes(segment));
}
