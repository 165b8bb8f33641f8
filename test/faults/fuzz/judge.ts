import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { FuzzRequest } from './requests.ts';
import type { RawAnswer } from './send.ts';
import { ESCAPE } from './values.ts';

const refusal = v.object({
  error: v.pipe(v.string(), v.regex(/^[a-z0-9_]+$/)),
  message: v.pipe(v.string(), v.minLength(1)),
});

/** Returns what is wrong with an answer, or null. */
export function findFault({ head, manner }: FuzzRequest, answer: RawAnswer | null): string | null {
  if (!answer) return manner === 'whole' || manner === 'slow' ? 'no answer' : null;
  const { status, body, head: said } = answer;
  if (status >= 500 && status !== 503 && status !== 507) return `answered ${status}`;
  if (status < 400 || head.startsWith('HEAD ')) return null;
  if (!/^content-type: application\/json/im.test(said)) return `refused with ${status}, and not in JSON`;
  return v.is(refusal, parsed(body)) ? null : `refused with ${status} without code or words: ${body.slice(0, 200)}`;
}

/** The status and code of an answer, for the report. */
export function formatAnswer(answer: RawAnswer | null): string {
  if (!answer) return 'cut before an answer';
  const read = v.safeParse(refusal, parsed(answer.body));
  return answer.status >= 400 && read.success ? `${answer.status} ${read.output.error}` : `${answer.status}`;
}

const EXPECTED = [
  /^(auth|clock)\.json(\.tmp)?$/,
  /^temp$/,
  /^links(\/[0-9a-f]{64}\.json)?$/,
  /^guest-links(\/[\w-]{24}\.json)?$/,
  /^(sessions|batches)(\/[\w-]{24})?$/,
  /^sessions\/[\w-]{24}\/(session|details)\.json$/,
  /^sessions\/[\w-]{24}\/(\d+-(\d+|next)-\d+(-\d+)?|partial-\d+-\d+-\d+)$/,
  /^batches\/[\w-]{24}\/(batch\.json|file-\d+)$/,
];

/**
 * Finds files beside the data folder, files with names that the server does not use, and files left
 * in `temp`.
 */
export async function findStrayFiles(root: string, dataDir: string): Promise<string[]> {
  const all = await readdir(root, { recursive: true });
  const data = `${dataDir}/`;
  const outside = all.filter((path) => path !== 'cwd' && path !== dataDir && !path.startsWith(data));
  const inside = all.filter((path) => path.startsWith(data)).map((path) => path.slice(data.length));
  const unexpected = inside.filter((path) => !EXPECTED.some((pattern) => pattern.test(path)));
  const escaped = [ESCAPE, join(root, '..', 'escape')].filter((path) => existsSync(path));
  return [...outside, ...unexpected, ...escaped];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
