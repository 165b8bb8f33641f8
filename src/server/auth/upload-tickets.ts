import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Tickets replace the access token for the chunks of one session.
 *
 * A ticket is derived from the session id. The server stores none, and can repeat one when the
 * response that carried it was lost.
 */
export class UploadTickets {
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  create(sessionId: string): string {
    return createHmac('sha256', this.#secret).update(`ticket ${sessionId}`).digest('base64url');
  }

  verify(sessionId: string, ticket: string): boolean {
    const expected = Buffer.from(this.create(sessionId));
    const given = Buffer.from(ticket);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}
