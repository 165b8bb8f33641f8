import type { Caller } from '../auth/access-tokens.ts';
import { type AuthorizedRequest, parseBearerToken, type UploaderAuth } from '../auth/auth.ts';
import { type GuestLinks, linkEnded } from './guest-links.ts';

/** Identifies guests by the token of their link. The user id of a guest is the id of the link. */
export class GuestAuth implements UploaderAuth {
  readonly #links: GuestLinks;

  constructor(links: GuestLinks) {
    this.#links = links;
  }

  async authenticate(request: AuthorizedRequest): Promise<string> {
    return (await this.identify(request)).userId;
  }

  async identify(request: AuthorizedRequest): Promise<Caller> {
    const token = parseBearerToken(request);
    const link = token === undefined ? undefined : await this.#links.authenticate(token);
    if (!link) throw linkEnded();
    return { userId: link.id, familyId: null };
  }

  /** Guests have no tickets: their token lives as long as they may upload. */
  createTicket(): undefined {}

  async acceptsTicket(): Promise<boolean> {
    return false;
  }
}
