import * as v from 'valibot';
import type { ClientOptions, Credentials } from '../../page/index.ts';

const KEY = 'uploader-settings';
// The library checks the values.
const settingsSchema = v.object({
  endpoint: v.optional(v.string()),
  uploadEndpoint: v.optional(v.string()),
  concurrency: v.optional(v.number()),
  chunkBytes: v.optional(v.number()),
  digests: v.optional(v.boolean()),
  credentials: v.optional(v.object({ userId: v.string(), accessToken: v.string() })),
  /** Up to version 0.1, instead of `credentials`. */
  token: v.optional(v.object({ userId: v.string(), token: v.string() })),
});

/**
 * The settings of a developer in localStorage: another server, other limits, credentials for that
 * server.
 */
export interface DeveloperSettings {
  readonly options: ClientOptions;
  readonly credentials: Credentials | null;
}

/** Reads the settings; invalid ones count as not set. */
export function readDeveloperSettings(): DeveloperSettings {
  const result = v.safeParse(settingsSchema, parseJson(localStorage.getItem(KEY)));
  if (!result.success) return { options: {}, credentials: null };
  const { credentials, token, ...rest } = result.output;
  const options = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const legacy = token ? { userId: token.userId, accessToken: token.token } : null;
  return { options, credentials: credentials ?? legacy };
}

/** Removes the credentials from the settings: they would sign the user in again. */
export function forgetDeveloperCredentials(): void {
  const { success, output } = v.safeParse(v.looseObject({}), parseJson(localStorage.getItem(KEY)));
  if (!success) return;
  const { credentials: _, token: __, ...rest } = output;
  localStorage.setItem(KEY, JSON.stringify(rest));
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}
