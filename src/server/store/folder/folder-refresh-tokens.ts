import { hashSecret, newId } from '../../ids.ts';
import type { RefreshTokens, RotatedToken } from '../refresh-tokens.ts';
import type { AuthFile, RefreshRecord, RefreshRecords } from './auth-file.ts';

const TTL_MS = 30 * 24 * 60 * 60_000;
/** How long a token stays valid after its successor was used. */
const GRACE_MS = 30_000;
/**
 * At most this many unused successors of one token are kept: each may be in a response that is
 * still on its way.
 */
const MAX_UNUSED_SUCCESSORS = 8;

/** Refresh tokens in `auth.json`. */
export class FolderRefreshTokens implements RefreshTokens {
  readonly #file: AuthFile;
  readonly #now: () => number;

  constructor(file: AuthFile, now: () => number = () => Date.now()) {
    this.#file = file;
    this.#now = now;
  }

  create(userId: string): Promise<string> {
    const token = newId();
    return this.#file.update((records) => ({
      records: this.#add(records, token, { userId, family: newId(), follows: null }),
      result: token,
    }));
  }

  rotate(token: string): Promise<RotatedToken | null> {
    const hash = hashSecret(token);
    return this.#file.update<RotatedToken | null>((records) => {
      const record = records[hash];
      if (!record || record.expiresAt < this.#now()) return { result: null };
      const { userId, family } = record;
      const successor = newId();
      const kept = expireOldestSuccessors(this.#limitPrevious(records, record), hash);
      return {
        records: this.#add(kept, successor, { userId, family, follows: hash }),
        result: { userId, token: successor },
      };
    });
  }

  revoke(token: string): Promise<void> {
    return this.#file.update((records) => {
      const revoked = records[hashSecret(token)];
      if (!revoked) return { result: undefined };
      const kept = Object.entries(records).filter(([, { family }]) => family !== revoked.family);
      return { records: Object.fromEntries(kept), result: undefined };
    });
  }

  /** This token is used, so the previous one gets the grace period only. */
  #limitPrevious(records: RefreshRecords, { follows }: RefreshRecord): RefreshRecords {
    const previous = follows === null ? undefined : records[follows];
    if (follows === null || !previous) return records;
    const expiresAt = Math.min(previous.expiresAt, this.#now() + GRACE_MS);
    return { ...records, [follows]: { ...previous, expiresAt } };
  }

  /** Adds a token and removes the expired ones. */
  #add(records: RefreshRecords, token: string, added: Omit<RefreshRecord, 'expiresAt'>): RefreshRecords {
    const valid = Object.entries(records).filter(([, { expiresAt }]) => expiresAt > this.#now());
    return { ...Object.fromEntries(valid), [hashSecret(token)]: { ...added, expiresAt: this.#now() + TTL_MS } };
  }
}

/** Makes room for one more successor of a token. */
function expireOldestSuccessors(records: RefreshRecords, hash: string): RefreshRecords {
  const used = new Set(Object.values(records).map(({ follows }) => follows));
  const unused = Object.entries(records).filter(([own, { follows }]) => follows === hash && !used.has(own));
  const newestFirst = unused.sort(([, a], [, b]) => b.expiresAt - a.expiresAt);
  const oldest = new Set(newestFirst.slice(MAX_UNUSED_SUCCESSORS - 1).map(([own]) => own));
  return Object.fromEntries(Object.entries(records).filter(([own]) => !oldest.has(own)));
}
