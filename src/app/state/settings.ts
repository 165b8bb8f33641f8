import * as v from 'valibot';
import type { ClientOptions, Credentials } from '../../page/index.ts';

const KEY = 'uploader-settings';
const settings = v.object({
  endpoint: v.optional(v.string()),
  uploadEndpoint: v.optional(v.string()),
  // Which of them are of use the library says.
  concurrency: v.optional(v.number()),
  chunkBytes: v.optional(v.number()),
  digests: v.optional(v.boolean()),
  token: v.optional(
    v.pipe(
      v.object({ userId: v.string(), token: v.string() }),
      v.transform(({ userId, token }): Credentials => ({ userId, accessToken: token })),
    ),
  ),
});

/** What a developer has set for this browser: another server, other limits, a token of that server. */
export interface Settings {
  readonly options: ClientOptions;
  readonly token: Credentials | null;
}

/** Reads the settings; what is not understood counts as not set. */
export function readSettings(): Settings {
  const read = v.safeParse(settings, parsed(localStorage.getItem(KEY)));
  if (!read.success) return { options: {}, token: null };
  const { token = null, ...rest } = read.output;
  const options = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { options, token };
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}
