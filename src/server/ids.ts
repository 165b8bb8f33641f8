import { createHash, randomBytes } from 'node:crypto';

/** Creates a random id that cannot be guessed and is safe as a file name. */
export function newId(): string {
  return randomBytes(18).toString('base64url');
}

/** The form in which a secret is stored. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
