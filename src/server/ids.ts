import { createHash, randomBytes } from 'node:crypto';

/** A random id that is safe as a file name and cannot be guessed. */
export function newId(): string {
  return randomBytes(18).toString('base64url');
}

/** What is stored of a secret. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
