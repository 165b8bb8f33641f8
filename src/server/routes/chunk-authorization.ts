import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import type { ApiContext } from './api-context.ts';

/** Finds the user of a chunk from the fields of its form. */
export type OwnerLookup = (fields: ReadonlyMap<string, string>) => Promise<string>;

/**
 * Identifies the user of a chunk by the access token, or by the session's ticket when the token has
 * expired or is missing. The ticket must precede the bytes in the form: nothing is stored for
 * strangers.
 *
 * @throws ApiError 401, at once when no ticket can help.
 */
export async function authorizeChunk({ auth, uploads }: ApiContext, request: FastifyRequest): Promise<OwnerLookup> {
  const { authorization } = request.headers;
  try {
    const ownerId = await auth.authenticate(authorization);
    return async () => ownerId;
  } catch (error) {
    const isExpired = error instanceof ApiError && error.code === 'token_expired';
    if (!isExpired && authorization !== undefined) throw error;
    return async (fields) => {
      const sessionId = fields.get('upload_id') ?? '';
      const isValid = auth.tickets.verify(sessionId, fields.get('ticket') ?? '');
      const ownerId = isValid ? await uploads.findOwner(sessionId) : undefined;
      if (ownerId === undefined) throw error;
      return ownerId;
    };
  }
}
