/** The idempotency key of a user as one string. */
export function toKey(ownerId: string, key: string): string {
  return JSON.stringify([ownerId, key]);
}
