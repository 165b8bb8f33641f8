import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Batch } from './batches.ts';
import { answer, type Context } from './context.ts';
import { Turns } from './durable.ts';
import { ApiError } from './errors.ts';
import { type ChunkFields, readChunkFields, readDirectFields } from './fields.ts';
import { badField, type Form, readForm } from './forms.ts';
import { viewOf } from './routes-batches.ts';

const CHUNK = '/batches/upload-chunk';

/** The routes that take bytes, and those that tell of a session. */
export function uploadRoutes(app: FastifyInstance, context: Context): void {
  const { auth, sessions } = context;
  const turns = new Turns();

  app.post('/batches/upload', async (request, reply) => {
    const userId = await auth.userOf(request.headers.authorization);
    const form = await readForm(request.raw, context.tempDir, context.maxBodyBytes);
    try {
      const batch = await receiveDirect(context, turns, userId, form);
      return answer(context, request, reply, viewOf(batch));
    } finally {
      await form.dispose();
    }
  });

  app.post(CHUNK, async (request, reply) => {
    const form = await readForm(request.raw, context.tempDir, context.maxBodyBytes);
    try {
      const fields = readChunkFields(form.fields);
      const ownerId = await ownerOf(context, request, fields);
      const chunk = form.files.find(({ field }) => field === 'chunk');
      if (!chunk) throw badField('chunk', 'is missing');
      const { uploadId, ticket, batch } = await sessions.receive(ownerId, fields, chunk);
      const isExact = context.features.length > 0;
      return answer(context, request, reply, {
        upload_id: uploadId,
        ...(ticket && isExact && { ticket }),
        ...(batch && { batch_id: batch.batchId }),
      });
    } finally {
      await form.dispose();
    }
  });

  if (context.features.length === 0) return;

  app.get<{ Params: { id: string } }>(`${CHUNK}/:id`, async (request, reply) => {
    const ownerId = await auth.userOf(request.headers.authorization);
    const { generation, total, received, batch } = sessions.status(ownerId, request.params.id);
    const id = request.params.id;
    const facts = batch ? { batch_id: batch.batchId } : {};
    return answer(context, request, reply, { upload_id: id, generation, total_chunks: total, received, ...facts });
  });

  app.delete<{ Params: { id: string } }>(`${CHUNK}/:id`, async (request, reply) => {
    const ownerId = await auth.userOf(request.headers.authorization);
    await sessions.discard(ownerId, request.params.id);
    return reply.code(204).send();
  });
}

function receiveDirect(context: Context, turns: Turns, ownerId: string, form: Form): Promise<Batch> {
  const fields = readDirectFields(form.fields);
  const field = fields.upload_type === 'images' ? 'files' : 'file';
  const files = form.files.filter((file) => file.field === field);
  if (files.length === 0 || files.length !== form.files.length)
    throw badField(field, 'is missing, or another was sent');
  if (field === 'file' && files.length > 1) throw badField(field, 'was sent twice');
  const key = context.features.length > 0 ? (fields.idempotency_key ?? null) : null;
  return turns.take(key === null ? (form.files[0]?.path ?? '') : `${ownerId} ${key}`, async () => {
    const before = key === null ? undefined : context.batches.byKey(ownerId, key);
    if (before) return before;
    const { upload_type: uploadType, task_id: taskId = null, notes = null, profile_id: profileId = null } = fields;
    const facts = { ownerId, key, sessionId: null, uploadType, taskId, notes, profileId };
    return context.batches.addReceived(facts, files);
  });
}

/** The caller's user; a session's ticket stands in for a token that ran out while its chunks were on their way. */
async function ownerOf(context: Context, request: FastifyRequest, fields: ChunkFields): Promise<string> {
  try {
    return await context.auth.userOf(request.headers.authorization);
  } catch (error) {
    const { upload_id: id, ticket } = fields;
    const mayUseTicket =
      error instanceof ApiError && (error.code === 'token_expired' || !request.headers.authorization);
    const owner = mayUseTicket && id && ticket ? context.sessions.ownerByTicket(id, ticket) : undefined;
    if (owner !== undefined) return owner;
    throw error;
  }
}
