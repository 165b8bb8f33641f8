import type { IncomingMessage } from 'node:http';
import { ApiError, EarlyRefusal } from '../errors.ts';
import { type Form, readForm } from '../multipart/read-form.ts';
import { type ChunkFields, type FieldRules, parseChunkFields } from '../uploads/form-fields.ts';
import type { IncomingChunk, IncomingRequest } from '../uploads/incoming-chunks.ts';
import type { UploadContext } from './api-context.ts';
import type { ChunkAuthorization } from './chunk-authorization.ts';

/** Reads the form of a chunk, and keeps what arrived of one that is cut. */
export async function readChunkForm(
  context: UploadContext,
  message: IncomingMessage,
  request: IncomingRequest,
  { findOwner, refusal }: ChunkAuthorization,
): Promise<Form> {
  const { uploads, bytes, fieldRules, maxBodyBytes: maxBytes, strangerMs } = context;
  const stranger = refusal && { refusal, maxMs: strangerMs };
  if (!fieldRules.hasExtensions) return readForm(message, { bytes, maxBytes, stranger, admit: findOwner });
  return readForm(message, {
    bytes,
    maxBytes,
    stranger,
    async admit(form, part) {
      const ownerId = await findOwner(form);
      const fields = tryParseChunkFields(form, fieldRules);
      if (!fields || part.field !== 'chunk') return;
      request.chunk = { ownerId, fields, part };
      await checkPartial(context, request, request.chunk);
    },
    async onCut(files) {
      const [chunk, ...others] = files.filter(({ field }) => field === 'chunk');
      if (!request.chunk || !chunk || others.length > 0) return;
      await uploads.keepPartial(request.chunk.ownerId, request.chunk.fields, chunk);
    },
  });
}

/**
 * Refuses a chunk before its body if the client says what it knows of the kept bytes, and is wrong.
 *
 * Chromium repeats a request without the page when a reused connection closes before the response.
 * The repetition does not know what the server has kept of the first one.
 */
async function checkPartial(
  { incoming, uploads }: UploadContext,
  request: IncomingRequest,
  { ownerId, fields }: IncomingChunk,
): Promise<void> {
  if (fields.key === null || fields.partialSha256 === null) return;
  await incoming.cutOlder(request);
  try {
    await uploads.checkPartial(ownerId, fields);
  } catch (error) {
    throw error instanceof ApiError ? new EarlyRefusal(error) : error;
  }
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
