/** One refresh token of a family, without the token itself. */
export interface TokenRecord {
  /** Tokens of a family are numbered in the order of their issue. */
  readonly number: number;
  /** The hash of the token that this one replaces. */
  readonly follows: string | null;
  readonly isUsed: boolean;
  /** When the use of another token showed that the browser has that one, in ms since 1970. */
  readonly overtakenAt: number | null;
}

/** All tokens that descend from one sign-in. Times are in ms since 1970. */
export interface TokenFamily {
  readonly userId: string;
  readonly userAgent: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** The number of the last token. */
  readonly issued: number;
  /** Tokens without a record were replaced if their number is not above this one. */
  readonly replaced: number;
  /** By the hash of the token. */
  readonly tokens: Readonly<Record<string, TokenRecord>>;
}

/** How a family judges a token that comes back. */
export type Judgement = 'first-use' | 'repeated' | 'late' | 'unknown' | 'reused';

const DAY_MS = 24 * 60 * 60_000;
/** A family ends when it was not used for this long. */
export const IDLE_MS = 30 * DAY_MS;
/** A family ends at this age. */
const MAX_AGE_MS = 90 * DAY_MS;
/** How long a token stays valid after another one was used. */
export const GRACE_MS = 30_000;
/**
 * At most this many unused successors of one token are kept: each may be in a response that is
 * still on its way.
 */
const MAX_UNUSED_SUCCESSORS = 8;

/** A family without tokens. */
export function createFamily(userId: string, userAgent: string, now: number): TokenFamily {
  return { userId, userAgent, createdAt: now, lastUsedAt: now, issued: 0, replaced: 0, tokens: {} };
}

/** When a family ends if it is not used again, in ms since 1970. */
export function getFamilyEnd({ createdAt, lastUsedAt }: TokenFamily): number {
  return Math.min(createdAt + MAX_AGE_MS, lastUsedAt + IDLE_MS);
}

/**
 * @param hash of a token that this family issued.
 * @param number of the token.
 */
export function judge(family: TokenFamily, hash: string, number: number, now: number): Judgement {
  const record = family.tokens[hash];
  // Of too many unused successors, the oldest have no record either, and are no sign of theft.
  if (!record) return number <= family.replaced ? 'reused' : 'unknown';
  const { isUsed, overtakenAt } = record;
  if (overtakenAt === null) return isUsed ? 'repeated' : 'first-use';
  if (now <= overtakenAt + GRACE_MS) return 'repeated';
  const isIdleSince = family.lastUsedAt <= overtakenAt + GRACE_MS;
  return !isUsed && isIdleSince ? 'late' : 'reused';
}

/** The family after the use of a token. */
export function recordUse(
  family: TokenFamily,
  hash: string,
  judgement: 'first-use' | 'repeated' | 'late',
  now: number,
): TokenFamily {
  const used = family.tokens[hash];
  if (judgement === 'repeated' || !used) return { ...family, lastUsedAt: now };
  // After a late token nothing else may come back: two holders that take turns would never be seen.
  const others = judgement === 'late' ? [] : Object.entries(family.tokens).filter(([own]) => own !== hash);
  const kept = others
    .map(([own, record]): [string, TokenRecord] => [own, { ...record, overtakenAt: record.overtakenAt ?? now }])
    .filter(([, { overtakenAt }]) => overtakenAt !== null && now <= overtakenAt + GRACE_MS);
  const tokens = { ...Object.fromEntries(kept), [hash]: { ...used, isUsed: true, overtakenAt: null } };
  return { ...family, lastUsedAt: now, replaced: family.issued, tokens };
}

/** The family with one more token. */
export function addToken(family: TokenFamily, hash: string, follows: string | null): TokenFamily {
  const number = family.issued + 1;
  const record = { number, follows, isUsed: false, overtakenAt: null };
  const siblings = Object.entries(family.tokens).filter(([, other]) => other.follows === follows && !other.isUsed);
  const newestFirst = siblings.sort(([, a], [, b]) => b.number - a.number);
  const surplus = new Set(newestFirst.slice(MAX_UNUSED_SUCCESSORS - 1).map(([own]) => own));
  const kept = Object.entries(family.tokens).filter(([own]) => !surplus.has(own));
  return { ...family, issued: number, tokens: { ...Object.fromEntries(kept), [hash]: record } };
}
