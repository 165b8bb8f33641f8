import type { ByteStore } from './byte-store.ts';
import type { GuestLinkStore } from './guest-links.ts';
import type { Locks } from './locks.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import type { SignInLinkStore } from './sign-in-links.ts';
import type { UploadStore } from './upload-store.ts';

/** Everything that a server keeps. */
export interface Storage {
  readonly uploads: UploadStore;
  readonly bytes: ByteStore;
  readonly locks: Locks;
  readonly refreshTokens: RefreshTokens;
  readonly signInLinks: SignInLinkStore;
  readonly guestLinks: GuestLinkStore;
  /** Signs access tokens and upload tickets. */
  readonly secret: Uint8Array;
  /** Until then tickets of earlier servers are valid, in ms since 1970. */
  readonly earlierTicketsUntil: number;
  /** Ends background work. */
  close(): Promise<void>;
}
