import type { FastifyInstance } from 'fastify';
import { GuestAuth } from '../guests/guest-auth.ts';
import { type GuestLinks, linkEnded, sumClaims } from '../guests/guest-links.ts';
import { GuestUploads } from '../guests/guest-uploads.ts';
import type { ApiContext, UploadContext } from './api-context.ts';
import { toIncomingJson } from './batches.ts';
import { toGuestLinkJson } from './guest-links.ts';
import { sessionRoutes } from './sessions.ts';
import { uploadRoutes } from './upload.ts';

/** Extensions that need a route which guests do not have, or a ticket. */
const OTHER_FEATURES = ['ticket', 'bundle', 'guest_links', 'batch_pages', 'batch_delete'];
/** A batch says more than a guest has to know. */
const MEMBERS = new Set([
  ...['upload_id', 'batch_id', 'batches', 'received_ms', 'features', 'max_upload_bytes'],
  ...['generation', 'total_chunks', 'received', 'received_bytes', 'partial', 'receiving'],
  ...['error', 'message', 'field'],
]);

const BUSY = 'The recipient cannot take more at the moment. Try again later.';
/** Limits of the owner, in words for guests: the space is not theirs. */
const MESSAGES: ReadonlyMap<unknown, string> = new Map([
  ['quota_full', 'The recipient has no more space. Let them know.'],
  ['too_many_bytes', BUSY],
  ['too_many_sessions', BUSY],
]);

/**
 * The upload routes for guests, and nothing else. They have a base URL of their own: no other route
 * knows the tokens of guests.
 */
export function guestRoutes(api: FastifyInstance, context: ApiContext): void {
  const { guestLinks } = context;
  const auth = new GuestAuth(guestLinks);
  const guestContext = { ...context, auth, uploads: new GuestUploads(context.uploads, guestLinks) };

  api.get('/guest/link', async (request) => {
    const link = await guestLinks.find(await auth.authenticate(request));
    if (!link) throw linkEnded();
    return toGuestLinkJson(link);
  });

  api.register(
    async (guest) => {
      guest.addHook('preSerialization', async (request, _reply, payload) => {
        const members = limitMembers(payload);
        if (members.max_upload_bytes === undefined) return members;
        const leftBytes = await countLeftBytes(guestLinks, await auth.authenticate(request));
        return { ...members, max_upload_bytes: Math.min(members.max_upload_bytes, leftBytes) };
      });
      uploadRoutes(guest, guestContext);
      sessionRoutes(guest, guestContext);
      ownBatchesRoute(guest, guestContext);
    },
    { prefix: '/guest' },
  );
}

/**
 * Clients discover the extensions there. With the key of an upload it answers the id of its batch
 * to the guest who sent it: keys are random.
 */
function ownBatchesRoute(api: FastifyInstance, { auth, uploads, incoming }: UploadContext): void {
  api.get<{ Querystring: { idempotency_key?: string } }>('/batches', async (request, reply) => {
    const linkId = await auth.authenticate(request);
    const { idempotency_key: key } = request.query;
    if (key === undefined) return reply.sendWithFeatures({ batches: [] });
    const batch = await uploads.findBatchByKey(linkId, key);
    const batches = batch ? [{ batch_id: batch.batchId, idempotency_key: key }] : [];
    return reply.sendWithFeatures({ batches, receiving: incoming.listByKey(linkId, key).map(toIncomingJson) });
  });
}

/** The bytes that a link still takes. */
async function countLeftBytes(guestLinks: GuestLinks, id: string): Promise<number> {
  const link = await guestLinks.find(id);
  return link ? Math.max(0, link.maxBytes - sumClaims(link).bytes) : 0;
}

function limitMembers(payload: unknown) {
  const members = Object.fromEntries(Object.entries(payload as object).filter(([name]) => MEMBERS.has(name)));
  const { features, error } = members;
  const message = MESSAGES.get(error);
  return {
    ...members,
    ...(features && { features: limitFeatures(features) }),
    ...(message !== undefined && { message }),
  };
}

function limitFeatures(features: readonly string[]): readonly string[] {
  return features.filter((name) => !OTHER_FEATURES.includes(name));
}
