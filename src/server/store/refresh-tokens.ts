/** A user's next refresh token. */
export interface RotatedToken {
  readonly userId: string;
  readonly token: string;
}

/**
 * Refresh tokens: each use replaces the token by its successor. All tokens that descend from one
 * sign-in form a family.
 *
 * - The previous token stays valid until its successor is used, because the response that carries
 *   the successor may be lost, and a browser that is killed may not have stored it.
 * - After that it stays valid for 30 seconds, because a tab and the worker may use the same token
 *   at once.
 * - Only hashes of tokens are stored.
 */
export interface RefreshTokens {
  /** Starts a family. */
  create(userId: string): Promise<string>;
  /** @returns null when the token is unknown, expired or revoked. */
  rotate(token: string): Promise<RotatedToken | null>;
  /** Ends the family of a token. Unknown tokens are ignored. */
  revoke(token: string): Promise<void>;
}
