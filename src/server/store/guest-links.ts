/** What the upload of one key takes of the limits of its link. */
export interface GuestClaim {
  readonly files: number;
  readonly bytes: number;
}

/** The limits of a guest link. */
export interface GuestLimits {
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** In ms since 1970. */
  readonly expiresAt: number;
}

/** A link that lets guests send files to a user. */
export interface GuestLink extends GuestLimits {
  readonly id: string;
  readonly ownerId: string;
  /** What the owner calls it; guests see it. */
  readonly name: string;
  /** The name under which guests know the owner; may be empty. */
  readonly recipient: string;
  readonly secretHash: string;
  /** In ms since 1970. */
  readonly createdAt: number;
  /** By the idempotency key of the guest. */
  readonly claims: Readonly<Record<string, GuestClaim>>;
}

/** Guest links by their id. */
export interface GuestLinkStore {
  find(id: string): Promise<GuestLink | undefined>;
  list(ownerId: string): Promise<readonly GuestLink[]>;
  /** Adds or replaces a link. */
  save(link: GuestLink): Promise<void>;
  /** Unknown ids are ignored. */
  remove(id: string): Promise<void>;
}
