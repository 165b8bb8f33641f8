import * as v from 'valibot';
import { newId } from '../../ids.ts';
import { IDLE_MS, type TokenFamily } from '../token-family.ts';

/** The version of the format that this server writes. */
export const AUTH_VERSION = 1;

/** The content of `auth.json`. */
export interface AuthState {
  readonly version: typeof AUTH_VERSION;
  /** Signs tokens and tickets. */
  readonly secret: string;
  /** By their id. */
  readonly families: Readonly<Record<string, TokenFamily>>;
  /** Until then tickets of earlier servers are valid, in ms since 1970; they had no end. */
  readonly earlierTicketsUntil: number;
}

const DAY_MS = 24 * 60 * 60_000;
const time = v.number();
const secret = v.pipe(v.string(), v.regex(/^[\w-]{43}$/));

const tokenRecord = v.object({
  number: v.number(),
  follows: v.nullable(v.string()),
  isUsed: v.boolean(),
  overtakenAt: v.nullable(time),
});

const family = v.object({
  userId: v.string(),
  userAgent: v.string(),
  createdAt: time,
  lastUsedAt: time,
  issued: v.number(),
  replaced: v.number(),
  tokens: v.record(v.string(), tokenRecord),
});

const current = v.object({
  version: v.literal(AUTH_VERSION),
  secret,
  families: v.record(v.string(), family),
  earlierTicketsUntil: time,
});

const earlierRecord = v.object({
  userId: v.string(),
  expiresAt: time,
  // Missing in the first versions.
  family: v.optional(v.string()),
  follows: v.nullish(v.string(), null),
});

/** Servers without a version of the format kept each token on its own. */
const earlier = v.object({ version: v.optional(v.undefined()), secret, refresh: v.record(v.string(), earlierRecord) });

type EarlierRecords = v.InferOutput<typeof earlier>['refresh'];

/**
 * Reads the content of `auth.json`, of this server or an earlier one.
 *
 * @returns null when it is not valid.
 * @throws Error when a newer server wrote it: going on would sign every user out.
 */
export function parseAuthState(json: unknown, now: number): AuthState | null {
  const { version } = (json ?? {}) as { version?: unknown };
  if (Number.isInteger(version) && Number(version) > AUTH_VERSION) {
    throw new Error(`auth.json has version ${version}, of a newer server. Start that server, or restore a backup.`);
  }
  const parsed = v.safeParse(current, json);
  if (parsed.success) return parsed.output;
  const old = v.safeParse(earlier, json);
  return old.success ? migrate(old.output.secret, old.output.refresh, now) : null;
}

function migrate(oldSecret: string, records: EarlierRecords, now: number): AuthState {
  const valid = Object.entries(records).filter(([, { expiresAt }]) => expiresAt > now);
  // A record without a family gets its own, or the first sign-out would end all of them.
  const groups = new Map<string, typeof valid>();
  for (const [hash, record] of valid) {
    const id = record.family ?? newId();
    groups.set(id, [...(groups.get(id) ?? []), [hash, record]]);
  }
  const families = Object.fromEntries([...groups].map(([id, group]) => [id, migrateFamily(group, now)]));
  return { version: AUTH_VERSION, secret: oldSecret, families, earlierTicketsUntil: now + DAY_MS };
}

function migrateFamily(group: [string, EarlierRecords[string]][], now: number): TokenFamily {
  const used = new Set(group.map(([, { follows }]) => follows));
  const isReplaced = (hash: string) => group.some(([own, { follows }]) => follows === hash && used.has(own));
  const issuedAt = group.map(([, { expiresAt }]) => Math.min(now, expiresAt - IDLE_MS));
  const tokens = group.map(([hash, { follows }]) => {
    return [hash, { number: 0, follows, isUsed: used.has(hash), overtakenAt: isReplaced(hash) ? now : null }];
  });
  return {
    userId: group[0]?.[1].userId ?? '',
    userAgent: 'Unknown browser',
    createdAt: Math.min(...issuedAt),
    lastUsedAt: Math.max(...issuedAt),
    issued: 0,
    replaced: 0,
    tokens: Object.fromEntries(tokens),
  };
}
