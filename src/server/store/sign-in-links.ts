/** The first use of a sign-in link. */
export interface Redemption {
  /** In ms since 1970. */
  readonly at: number;
  /** The sign-in that the link started. */
  readonly familyId: string;
  /** The hash of the name that the browser gave itself; null when it gave none. */
  readonly browserHash: string | null;
}

/** A sign-in link, without its code. Times are in ms since 1970. */
export interface SignInLink {
  readonly userId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly redemption: Redemption | null;
}

/**
 * Sign-in links by the hash of their code. Another process may add links to the store of a running
 * server.
 */
export interface SignInLinkStore {
  /** Adds or replaces a link. */
  save(codeHash: string, link: SignInLink): Promise<void>;
  find(codeHash: string): Promise<SignInLink | null>;
  /** All links by the hash of their code. */
  list(): Promise<ReadonlyMap<string, SignInLink>>;
  /** Unknown hashes are ignored. */
  remove(codeHash: string): Promise<void>;
}
