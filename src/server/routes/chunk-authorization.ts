import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import type { ApiContext } from './api-context.ts';

/** Finds the user of a chunk from the fields of its form. */
export type OwnerLookup = (fields: ReadonlyMap<string, string>) => Promise<string>;

/** How a chunk proves whose it is. */
export interface ChunkAuthorization {
  readonly findOwner: OwnerLookup;
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
export async function authorizeChunk(
  { auth, uploads }: ApiContext,
  request: FastifyRequest,
): Promise<ChunkAuthorization> {
  const { authorization } = request.headers;
  try {
    const ownerId = await auth.authenticate(authorization);
    return { findOwner: async () => ownerId, refusal: null };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'token_expired' && authorization !== undefined) throw error;
    const findOwner: OwnerLookup = async (fields) => {
      const sessionId = fields.get('upload_id') ?? '';
      const isValid = auth.tickets.verify(sessionId, fields.get('ticket') ?? '');
      const ownerId = isValid ? await uploads.findOwner(sessionId) : undefined;
      if (ownerId === undefined) throw error;
      return ownerId;
    };
    return { findOwner, refusal: error };
  }
}
