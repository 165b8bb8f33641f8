/** A token that was just issued, and the family that it belongs to. */
export interface IssuedToken {
  readonly userId: string;
  readonly familyId: string;
  readonly token: string;
}

/** The outcome of a rotation. */
export type Rotation =
  | ({ readonly kind: 'rotated' } & IssuedToken)
  /** No token is known, or all have expired or belong to families that ended. */
  | { readonly kind: 'unknown' }
  /** A replaced token came back: its family has ended. */
  | { readonly kind: 'reused'; readonly userId: string; readonly familyId: string }
  /** Valid tokens of several users: one of them was planted. */
  | { readonly kind: 'ambiguous'; readonly userIds: readonly string[] };

/** One device of a user: a family of refresh tokens. */
export interface Device {
  readonly familyId: string;
  /** In ms since 1970. */
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** The value of `User-Agent` at the sign-in, shortened. */
  readonly userAgent: string;
  /** Whether a token came back: the browser has kept its cookie. */
  readonly isConfirmed: boolean;
}

/**
 * Refresh tokens: each use replaces the token by its successor. All tokens that descend from one
 * sign-in form a family. A family ends 30 days after its last use, 90 days after its start, when
 * its user signs out, and when a replaced token comes back: one of its two holders stole it.
 *
 * - A token stays valid until its successor is used, because the response that carries the
 *   successor may be lost, and a browser that is killed may not have stored it.
 * - After that it stays valid for 30 seconds, because a tab and the worker may use the same token
 *   at once.
 * - Of two successors of one token, the browser keeps the one that arrives last. The other one may
 *   have been used in between. So an unused successor stays valid until the family is used again
 *   more than 30 seconds later.
 * - Only hashes of tokens are stored.
 */
export interface RefreshTokens {
  /** Starts a family. */
  create(userId: string, userAgent?: string): Promise<IssuedToken>;
  /**
   * Replaces the token that is valid.
   *
   * @param tokens the tokens of one request, which may carry old ones too.
   * @param onlyFamilyId ignores tokens of other families.
   */
  rotate(tokens: readonly string[], onlyFamilyId?: string): Promise<Rotation>;
  /**
   * Issues a further first token of a family, none of whose tokens came back yet.
   *
   * @returns null when the family has ended or is in use.
   */
  repeat(familyId: string): Promise<IssuedToken | null>;
  /** Ends the families of these tokens. Unknown tokens are ignored. */
  revoke(tokens: readonly string[]): Promise<void>;
  /** Ends a family. @returns false when the user has no such family. */
  end(userId: string, familyId: string): Promise<boolean>;
  /** Whether a family has not ended. */
  isActive(familyId: string): Promise<boolean>;
  /** The families of a user that have not ended; the last used first. */
  list(userId: string): Promise<readonly Device[]>;
}
