import { getTotalBytes } from './total-bytes.ts';

/**
 * Files that another app or a website shared with this one. They are no upload until the user has
 * confirmed them, because any website can send them.
 */
export interface Share {
  readonly id: string;
  /** The user who may confirm them; null for whoever signs in next. */
  readonly ownerId: string | null;
  /** The text that came with the files. */
  readonly text: string;
  readonly files: readonly File[];
  /** In ms since 1970. */
  readonly receivedAt: number;
  /** The upload of each file, once the user has confirmed them; until then null. */
  readonly uploadIds: readonly string[] | null;
}

/** How long a share waits for the user. */
const LIFETIME_MS = 24 * 60 * 60_000;
/** What the browser holds at most for users who have not confirmed it. */
const MAX_SHARES = 10;
const MAX_FILES = 500;
const MAX_BYTES = 2 * 1024 ** 3;
const MAX_TEXT_LENGTH = 5000;

/** Creates a share that waits for the user. */
export function createShare(files: readonly File[], text: string, ownerId: string | null): Share {
  const id = crypto.randomUUID();
  return { id, ownerId, text: text.slice(0, MAX_TEXT_LENGTH), files, receivedAt: Date.now(), uploadIds: null };
}

/** Whether a share was not confirmed in time. A negative age means that the clock was set back. */
export function isExpired({ receivedAt, uploadIds }: Share, now: number): boolean {
  return uploadIds === null && Math.abs(now - receivedAt) > LIFETIME_MS;
}

/** Whether the browser may hold these unconfirmed shares together. */
export function isWithinLimits(shares: readonly Share[]): boolean {
  const files = shares.flatMap((share) => share.files);
  return shares.length <= MAX_SHARES && files.length <= MAX_FILES && getTotalBytes(files) <= MAX_BYTES;
}
