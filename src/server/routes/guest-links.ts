import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { badField } from '../errors.ts';
import { sumClaims } from '../guests/guest-links.ts';
import type { GuestLink } from '../store/guest-links.ts';
import type { ApiContext } from './api-context.ts';

const DAY_MS = 24 * 60 * 60_000;

const label = v.optional(v.pipe(v.string(), v.maxLength(200)), '');

const guestLinkBody = v.object({
  name: label,
  recipient: label,
  max_files: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)),
  max_bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  days: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(30)),
});

/** Creates, lists and revokes the guest links of the caller. Not part of the basic level. */
export function guestLinkRoutes(api: FastifyInstance, { auth, guestLinks }: ApiContext): void {
  api.post('/guest-links', async (request) => {
    const userId = await auth.authenticate(request);
    const body = v.safeParse(guestLinkBody, request.body);
    if (!body.success) throw badField(String(body.issues[0].path?.[0]?.key ?? 'max_files'), 'is missing or not valid');
    const { name, recipient, max_files: maxFiles, max_bytes: maxBytes, days } = body.output;
    const options = { name, recipient, maxFiles, maxBytes, expiresAt: Date.now() + days * DAY_MS };
    const { link, token } = await guestLinks.create(userId, options);
    request.log.info({ event: 'guest_link_created', userId, linkId: link.id }, 'A user created a guest link.');
    return { guest_link_id: link.id, token, ...toGuestLinkJson(link) };
  });

  api.get('/guest-links', async (request) => {
    const links = await guestLinks.list(await auth.authenticate(request));
    return { guest_links: links.map((link) => ({ guest_link_id: link.id, ...toGuestLinkJson(link) })) };
  });

  api.delete<{ Params: { id: string } }>('/guest-links/:id', async (request, reply) => {
    const userId = await auth.authenticate(request);
    const { id } = request.params;
    await guestLinks.revoke(userId, id);
    request.log.info({ event: 'guest_link_revoked', userId, linkId: id }, 'A user revoked a guest link.');
    return reply.code(204).send();
  });
}

/** What both the owner and the guests of a link see. */
export function toGuestLinkJson(link: GuestLink) {
  return {
    name: link.name,
    recipient: link.recipient,
    created_at: new Date(link.createdAt).toISOString(),
    expires_at: new Date(link.expiresAt).toISOString(),
    max_files: link.maxFiles,
    max_bytes: link.maxBytes,
    ...sumClaims(link),
  };
}
