import { ApiError, notFound } from '../errors.ts';
import { hashSecret, newId } from '../ids.ts';
import type { GuestClaim, GuestLimits, GuestLink, GuestLinkStore } from '../store/guest-links.ts';
import { KeyedMutex } from '../store/keyed-mutex.ts';

/** The most links of one user that have not expired. */
const MAX_LINKS = 50;

/** What a user chooses for a guest link. */
export interface GuestLinkOptions extends GuestLimits {
  readonly name: string;
  readonly recipient: string;
}

/** Links that let guests send files to a user, and do nothing else. */
export class GuestLinks {
  readonly #store: GuestLinkStore;
  readonly #locks = new KeyedMutex();

  constructor(store: GuestLinkStore) {
    this.#store = store;
  }

  /**
   * @returns the link and the token of its guests.
   * @throws ApiError 429 `too_many_guest_links`.
   */
  create(ownerId: string, options: GuestLinkOptions): Promise<{ link: GuestLink; token: string }> {
    return this.#locks.run(`owner ${ownerId}`, async () => {
      if ((await this.list(ownerId)).length >= MAX_LINKS) {
        const message = `You have ${MAX_LINKS} guest links. Revoke one first.`;
        throw new ApiError(429, 'too_many_guest_links', message);
      }
      const [id, secret] = [newId(), newId()];
      const link = { id, ownerId, ...options, secretHash: hashSecret(secret), createdAt: Date.now(), claims: {} };
      await this.#store.save(link);
      return { link, token: `guest.${id}.${secret}` };
    });
  }

  /** The links of a user, the newest first. Removes those that have expired. */
  async list(ownerId: string): Promise<readonly GuestLink[]> {
    const links = await this.#store.list(ownerId);
    for (const link of links) if (!isActive(link)) await this.#store.remove(link.id);
    return links.filter(isActive).sort((a, b) => b.createdAt - a.createdAt);
  }

  /** @throws ApiError 404 `guest_link_not_found`. */
  revoke(ownerId: string, id: string): Promise<void> {
    return this.#locks.run(id, async () => {
      if ((await this.find(id))?.ownerId !== ownerId) {
        throw notFound('guest_link_not_found', 'There is no such guest link. List the guest links.');
      }
      await this.#store.remove(id);
    });
  }

  /** A link that has neither expired nor been revoked. */
  async find(id: string): Promise<GuestLink | undefined> {
    const link = await this.#store.find(id);
    return link && isActive(link) ? link : undefined;
  }

  /** The link of a guest's token. */
  async authenticate(token: string): Promise<GuestLink | undefined> {
    const [, id = '', secret = ''] = /^guest\.([\w-]{1,100})\.([\w-]{1,100})$/.exec(token) ?? [];
    const link = await this.find(id);
    return link?.secretHash === hashSecret(secret) ? link : undefined;
  }

  /**
   * Takes what an upload needs of the limits, once for each key. Nothing is given back: a chunk
   * that is still on its way could use it a second time.
   *
   * @throws ApiError 401 `unauthorized` when the link has ended; 422 `guest_limit`.
   */
  claim(id: string, key: string, claim: GuestClaim): Promise<GuestLink> {
    return this.#locks.run(id, async () => {
      const link = await this.find(id);
      if (!link) throw linkEnded();
      const before = Object.hasOwn(link.claims, key) ? link.claims[key] : undefined;
      const files = Math.max(before?.files ?? 0, claim.files);
      const bytes = Math.max(before?.bytes ?? 0, claim.bytes);
      if (before?.files === files && before.bytes === bytes) return link;
      // Written as a copy of entries: the key may be "__proto__".
      const claims = Object.fromEntries([...Object.entries(link.claims), [key, { files, bytes }]]);
      const sum = sumClaims({ claims });
      if (sum.files > link.maxFiles || sum.bytes > link.maxBytes) throw limitReached(link);
      await this.#store.save({ ...link, claims });
      return link;
    });
  }
}

/** What the uploads of a link take of its limits. */
export function sumClaims({ claims }: Pick<GuestLink, 'claims'>): GuestClaim {
  const all = Object.values(claims);
  return {
    files: all.reduce((sum, { files }) => sum + files, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** The token of a guest is unknown, or its link has ended. */
export function linkEnded(): ApiError {
  return new ApiError(401, 'unauthorized', 'This guest link has ended. Ask for a new one.');
}

function isActive({ expiresAt }: GuestLink): boolean {
  return expiresAt > Date.now();
}

function limitReached({ maxFiles, maxBytes }: GuestLink): ApiError {
  const message = `This guest link takes ${maxFiles} files and ${maxBytes} bytes in total. Send less, or ask for another.`;
  return new ApiError(422, 'guest_limit', message);
}
