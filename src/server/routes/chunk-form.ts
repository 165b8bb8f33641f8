import type { IncomingMessage } from 'node:http';
import { ApiError } from '../errors.ts';
import { type Form, readForm } from '../multipart/read-form.ts';
import { type ChunkFields, type FieldRules, parseChunkFields } from '../uploads/form-fields.ts';
import type { IncomingRequest } from '../uploads/incoming-chunks.ts';
import type { ApiContext } from './api-context.ts';
import type { OwnerLookup } from './chunk-authorization.ts';

/** Reads the form of a chunk, and keeps what arrived of one that is cut. */
export async function readChunkForm(
  { uploads, bytes, fieldRules, maxBodyBytes: maxBytes }: ApiContext,
  message: IncomingMessage,
  request: IncomingRequest,
  findOwner: OwnerLookup,
): Promise<Form> {
  if (!fieldRules.hasExtensions) return readForm(message, { bytes, maxBytes, admit: findOwner });
  return readForm(message, {
    bytes,
    maxBytes,
    async admit(form, part) {
      const ownerId = await findOwner(form);
      const fields = tryParseChunkFields(form, fieldRules);
      if (fields && part.field === 'chunk') request.chunk = { ownerId, fields, part };
    },
    async onCut(files) {
      const [chunk, ...others] = files.filter(({ field }) => field === 'chunk');
      if (!request.chunk || !chunk || others.length > 0) return;
      await uploads.keepPartial(request.chunk.ownerId, request.chunk.fields, chunk);
    },
  });
}

/** Ends a request whose body still arrives. */
export function cutRequest(message: IncomingMessage): void {
  if (!message.complete) message.destroy();
}

/** Fields may follow the file: the complete form decides whether they are valid. */
function tryParseChunkFields(form: ReadonlyMap<string, string>, rules: FieldRules): ChunkFields | null {
  try {
    return parseChunkFields(form, rules);
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}
