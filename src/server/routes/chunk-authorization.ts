import type { FastifyRequest } from 'fastify';
import type { Caller } from '../auth/access-tokens.ts';
import { ApiError } from '../errors.ts';
import type { UploadContext } from './api-context.ts';

/** Finds the user of a chunk from the fields of its form. */
export type OwnerLookup = (fields: ReadonlyMap<string, string>) => Promise<string>;

/** How a chunk proves whose it is. */
export interface ChunkAuthorization {
  readonly findOwner: OwnerLookup;
  /** The user of the access token; null when only a ticket can authorize the chunk. */
  readonly caller: Caller | null;
  /** What a chunk without a valid ticket gets; null when the access token is valid. */
  readonly refusal: ApiError | null;
}

/**
 * Identifies the user of a chunk by the access token, or by the session's ticket when the token has
 * expired or is missing. The ticket must precede the bytes in the form: nothing is stored for
 * strangers.
 *
 * @throws ApiError 401, at once when no ticket can help.
 */
export async function authorizeChunk(context: UploadContext, request: FastifyRequest): Promise<ChunkAuthorization> {
  const { authorization } = request.headers;
  try {
    const caller = await context.auth.identify(request);
    return { findOwner: async () => caller.userId, caller, refusal: null };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'token_expired' && authorization !== undefined) throw error;
    const findOwner: OwnerLookup = async (fields) => {
      const ownerId = await findTicketOwner(context, fields);
      if (ownerId === undefined) throw error;
      return ownerId;
    };
    return { findOwner, caller: null, refusal: error };
  }
}

/**
 * Another key than that of the session would find another upload of the same user, whose id a
 * ticket must not tell.
 */
async function findTicketOwner(
  { auth, uploads }: UploadContext,
  fields: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const id = fields.get('upload_id') ?? '';
  const session = await uploads.findIdentity(id);
  if (!session || (fields.get('idempotency_key') ?? session.key) !== session.key) return undefined;
  const { ownerId } = session;
  return (await auth.acceptsTicket({ id, ownerId }, fields.get('ticket') ?? '')) ? ownerId : undefined;
}

/**
 * The ticket that a response brings: the first one of a session, or a newer one than the chunk
 * carries.
 */
export function renewTicket(
  { auth }: UploadContext,
  caller: Caller | null,
  sessionId: string,
  fields: ReadonlyMap<string, string>,
): string | undefined {
  if (!caller) return undefined;
  const ticket = auth.createTicket(sessionId, caller);
  const isKnown = fields.has('upload_id') && (fields.get('ticket') ?? ticket) === ticket;
  return isKnown ? undefined : ticket;
}
