import { hashSecret, newId } from '../../ids.ts';
import type { Device, IssuedToken, RefreshTokens, Rotation } from '../refresh-tokens.ts';
import { addToken, createFamily, getFamilyEnd, judge, recordUse, type TokenFamily } from '../token-family.ts';
import type { AuthFile, Families } from './auth-file.ts';
import { RefreshTokenFormat } from './refresh-token-format.ts';

/** More families of one user end the one that was not used for the longest time. */
const MAX_FAMILIES = 100;

/** A token that a family issued, and the judgement of that family. */
interface Presented {
  readonly familyId: string;
  readonly family: TokenFamily;
  readonly hash: string;
  readonly judgement: ReturnType<typeof judge>;
}

/** Refresh tokens in `auth.json`. */
export class FolderRefreshTokens implements RefreshTokens {
  readonly #file: AuthFile;
  readonly #format: RefreshTokenFormat;
  readonly #now: () => number;

  constructor(file: AuthFile, now: () => number = () => Date.now()) {
    this.#file = file;
    this.#format = new RefreshTokenFormat(file.secret);
    this.#now = now;
  }

  create(userId: string, userAgent = ''): Promise<IssuedToken> {
    return this.#file.update((families) => {
      const familyId = newId();
      const room = endOldest(this.#removeEnded(families), userId);
      return this.#issue(room, familyId, createFamily(userId, userAgent, this.#now()), null);
    });
  }

  rotate(tokens: readonly string[], onlyFamilyId?: string): Promise<Rotation> {
    return this.#file.update<Rotation>((families) => {
      const presented = this.#present(families, tokens).filter(
        ({ familyId }) => familyId === (onlyFamilyId ?? familyId),
      );
      const valid = presented.flatMap(({ judgement, ...token }) => {
        return judgement === 'unknown' || judgement === 'reused' ? [] : [{ ...token, judgement }];
      });
      const userIds = [...new Set(valid.map(({ family }) => family.userId))];
      if (userIds.length > 1) return { result: { kind: 'ambiguous', userIds } };
      const [first] = valid.sort((a, b) => b.family.lastUsedAt - a.family.lastUsedAt);
      if (!first) return endReused(families, presented);
      const { familyId, family, hash, judgement } = first;
      const used = recordUse(family, hash, judgement, this.#now());
      const issued = this.#issue(this.#removeEnded(families), familyId, used, hash);
      return { ...issued, result: { kind: 'rotated', ...issued.result } };
    });
  }

  repeat(familyId: string): Promise<IssuedToken | null> {
    return this.#file.update<IssuedToken | null>((families) => {
      const family = this.#getActive(families, familyId);
      if (!family || isConfirmed(family)) return { result: null };
      return this.#issue(families, familyId, family, null);
    });
  }

  revoke(tokens: readonly string[]): Promise<void> {
    return this.#file.update((families) => {
      const ended = this.#present(families, tokens).map(({ familyId }) => familyId);
      return { ...(ended.length > 0 && { families: without(families, ended) }), result: undefined };
    });
  }

  end(userId: string, familyId: string): Promise<boolean> {
    return this.#file.update((families) => {
      const isOwn = this.#getActive(families, familyId)?.userId === userId;
      return { ...(isOwn && { families: without(families, [familyId]) }), result: isOwn };
    });
  }

  async isActive(familyId: string): Promise<boolean> {
    return this.#getActive(this.#file.families, familyId) !== null;
  }

  async list(userId: string): Promise<readonly Device[]> {
    const own = Object.entries(this.#removeEnded(this.#file.families)).filter(([, family]) => family.userId === userId);
    return own.map(([id, family]) => toDevice(id, family)).sort((a, b) => b.lastUsedAt - a.lastUsedAt);
  }

  /** Finds the families of tokens. Leaves out tokens of families that ended. */
  #present(families: Families, tokens: readonly string[]): Presented[] {
    return tokens.flatMap((token) => {
      const hash = hashSecret(token);
      const issued = this.#format.parse(token);
      const familyId = issued?.familyId ?? findEarlierToken(families, hash);
      const family = familyId === undefined ? null : this.#getActive(families, familyId);
      if (!family || familyId === undefined) return [];
      return [{ familyId, family, hash, judgement: judge(family, hash, issued?.number ?? 0, this.#now()) }];
    });
  }

  #issue(families: Families, familyId: string, family: TokenFamily, follows: string | null) {
    const token = this.#format.create(familyId, family.issued + 1);
    const result = { userId: family.userId, familyId, token };
    return { families: { ...families, [familyId]: addToken(family, hashSecret(token), follows) }, result };
  }

  #getActive(families: Families, familyId: string): TokenFamily | null {
    const family = Object.hasOwn(families, familyId) ? families[familyId] : undefined;
    return family && getFamilyEnd(family) > this.#now() ? family : null;
  }

  #removeEnded(families: Families): Families {
    return Object.fromEntries(Object.entries(families).filter(([, family]) => getFamilyEnd(family) > this.#now()));
  }
}

/** Tokens of earlier servers do not name their family. */
function findEarlierToken(families: Families, hash: string): string | undefined {
  return Object.entries(families).find(([, { tokens }]) => Object.hasOwn(tokens, hash))?.[0];
}

function endReused(families: Families, presented: readonly Presented[]): { families?: Families; result: Rotation } {
  const reused = presented.find(({ judgement }) => judgement === 'reused');
  if (!reused) return { result: { kind: 'unknown' } };
  const { familyId, family } = reused;
  return { families: without(families, [familyId]), result: { kind: 'reused', userId: family.userId, familyId } };
}

function endOldest(families: Families, userId: string): Families {
  const own = Object.entries(families).filter(([, family]) => family.userId === userId);
  const lastUsedFirst = own.sort(([, a], [, b]) => b.lastUsedAt - a.lastUsedAt);
  const surplus = lastUsedFirst.slice(MAX_FAMILIES - 1).map(([id]) => id);
  return without(families, surplus);
}

function without(families: Families, ids: readonly string[]): Families {
  return Object.fromEntries(Object.entries(families).filter(([id]) => !ids.includes(id)));
}

function isConfirmed({ replaced }: TokenFamily): boolean {
  return replaced > 0;
}

function toDevice(familyId: string, family: TokenFamily): Device {
  const { createdAt, lastUsedAt, userAgent } = family;
  return { familyId, createdAt, lastUsedAt, userAgent, isConfirmed: isConfirmed(family) };
}
