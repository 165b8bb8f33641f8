import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Caller } from './access-tokens.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A ticket lives at least so long, and less than a day longer. */
const MIN_LIFETIME_MS = 7 * DAY_MS;

/** The session that a ticket is for, and its user. */
export interface TicketSession {
  readonly id: string;
  readonly ownerId: string;
}

/** The facts in a ticket. */
export interface TicketFacts {
  /** The sign-in that the ticket ends with; null for users of an identity provider. */
  readonly familyId: string | null;
  /** In ms since 1970. */
  readonly expiresAt: number;
}

/**
 * Tickets replace the access token for the chunks of one session.
 *
 * A ticket is derived from session, user, sign-in and its last day. The server stores none, and can
 * repeat one when the response that carried it was lost.
 */
export class UploadTickets {
  readonly #secret: Uint8Array;
  readonly #earlierUntil: number;

  /** @param earlierUntil until then tickets of earlier servers are valid, in ms since 1970. */
  constructor(secret: Uint8Array, earlierUntil: number) {
    this.#secret = secret;
    this.#earlierUntil = earlierUntil;
  }

  /** The ticket of a session that the caller owns. */
  create(sessionId: string, { userId, familyId }: Caller): string {
    const lastDay = Math.ceil((Date.now() + MIN_LIFETIME_MS) / DAY_MS);
    return this.#create({ id: sessionId, ownerId: userId }, lastDay, familyId ?? '');
  }

  /** @returns null when the ticket is not one of this session, or has expired. */
  verify(session: TicketSession, ticket: string): TicketFacts | null {
    if (Date.now() < this.#earlierUntil && isEqual(this.#sign(`ticket ${session.id}`), ticket)) {
      return { familyId: null, expiresAt: this.#earlierUntil };
    }
    const [, lastDay = '', familyId = ''] = /^(\d{1,8})\.([\w-]{0,100})\.[\w-]{43}$/.exec(ticket) ?? [];
    const isOwn = lastDay !== '' && isEqual(this.#create(session, Number(lastDay), familyId), ticket);
    const expiresAt = Number(lastDay) * DAY_MS;
    if (!isOwn || expiresAt <= Date.now()) return null;
    return { familyId: familyId === '' ? null : familyId, expiresAt };
  }

  #create({ id, ownerId }: TicketSession, lastDay: number, familyId: string): string {
    const facts = JSON.stringify([lastDay, familyId, id, ownerId]);
    return `${lastDay}.${familyId}.${this.#sign(`upload ${facts}`)}`;
  }

  #sign(facts: string): string {
    return createHmac('sha256', this.#secret).update(facts).digest('base64url');
  }
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
