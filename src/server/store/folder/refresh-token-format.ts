import { createHmac, timingSafeEqual } from 'node:crypto';
import { newId } from '../../ids.ts';

/** The facts in a refresh token. */
export interface TokenFacts {
  readonly familyId: string;
  readonly number: number;
}

/**
 * Refresh tokens that name their family and are signed: a replaced token is recognized although
 * nothing of it is stored.
 */
export class RefreshTokenFormat {
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  create(familyId: string, number: number): string {
    const facts = `${familyId}.${number}.${newId()}`;
    return `${facts}.${this.#sign(facts)}`;
  }

  /** @returns null for a token that was not created with this secret. */
  parse(token: string): TokenFacts | null {
    const [, facts = '', familyId = '', number = '', signature = ''] =
      /^(([\w-]{1,100})\.(\d{1,15})\.[\w-]{1,100})\.([\w-]{43})$/.exec(token) ?? [];
    if (signature === '') return null;
    const isOwn = timingSafeEqual(Buffer.from(this.#sign(facts)), Buffer.from(signature));
    return isOwn ? { familyId, number: Number(number) } : null;
  }

  #sign(facts: string): string {
    return createHmac('sha256', this.#secret).update(`refresh ${facts}`).digest('base64url');
  }
}
