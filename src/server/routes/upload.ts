import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError, badField } from '../errors.ts';
import { newId } from '../ids.ts';
import type { ReceivedFile } from '../multipart/form-parts.ts';
import { type Form, readForm } from '../multipart/read-form.ts';
import type { Batch } from '../store/batches.ts';
import { MAX_NAME_LENGTH, readChunkFields, readDirectFields } from '../uploads/form-fields.ts';
import { toLockName } from '../uploads/sessions.ts';
import { toBatchJson } from './batches.ts';
import { answer, type Context } from './context.ts';

/** The routes that take bytes. */
export function uploadRoutes(app: FastifyInstance, context: Context): void {
  const { auth, sessions, fieldRules } = context;

  app.post('/batches/upload', async (request, reply) => {
    const userId = await auth.authenticate(request.headers.authorization);
    const form = await readForm(request.raw, { tempDir: context.tempDir, maxBytes: context.maxBodyBytes });
    try {
      const batch = await receiveDirect(context, userId, form);
      return answer(context, request, reply, toBatchJson(batch));
    } finally {
      await form.dispose();
    }
  });

  app.post('/batches/upload-chunk', async (request, reply) => {
    const ownerOf = await createOwnerLookup(context, request);
    const admit = (fields: ReadonlyMap<string, string>) => void ownerOf(fields);
    const form = await readForm(request.raw, { tempDir: context.tempDir, maxBytes: context.maxBodyBytes, admit });
    try {
      const ownerId = ownerOf(form.fields);
      const fields = readChunkFields(form.fields, fieldRules);
      const { uploadId, batch } = await sessions.receive(ownerId, fields, onlyFile(form, 'chunk'));
      const isNew = fields.upload_id === undefined && !batch;
      return answer(context, request, reply, {
        upload_id: uploadId,
        ...(isNew && fieldRules.hasExtensions && { ticket: auth.createTicket(uploadId) }),
        ...(batch && { batch_id: batch.batchId }),
      });
    } finally {
      await form.dispose();
    }
  });
}

async function receiveDirect(context: Context, ownerId: string, form: Form): Promise<Batch> {
  const fields = readDirectFields(form.fields, context.fieldRules);
  const files = fields.upload_type === 'images' ? manyFiles(form, 'files') : [onlyFile(form, 'file')];
  const badName = files.some(({ name }) => name === '' || name.length > MAX_NAME_LENGTH);
  if (badName) throw badField(files[0]?.field ?? 'file', `must have a name of 1 to ${MAX_NAME_LENGTH} characters`);
  const key = fields.idempotency_key ?? null;
  const { batches, sessions, locks } = context;
  return locks.run(toLockName(ownerId, key, newId()), async () => {
    const before = key === null ? undefined : batches.byKey(ownerId, key);
    if (before) return before;
    const { upload_type: uploadType, task_id: taskId = null, notes = null, profile_id: profileId = null } = fields;
    const came = { sessionId: null, generation: 0, totalChunks: 0 };
    const facts = { ownerId, key, ...came, uploadType, taskId, notes, profileId };
    const batch = await batches.addReceived(facts, files);
    await sessions.replace(batch);
    return batch;
  });
}

function manyFiles({ files }: Form, field: string): readonly ReceivedFile[] {
  if (files.length === 0) throw badField(field, 'is missing');
  const other = files.find((file) => file.field !== field);
  if (other) throw badField(other.field, 'is not a file of this form');
  return files;
}

function onlyFile(form: Form, field: string): ReceivedFile {
  const [file, ...more] = manyFiles(form, field);
  if (!file || more.length > 0) throw badField(field, 'was sent twice');
  return file;
}

/**
 * What tells the caller's user from the fields of a form. A session's ticket stands in for a token that ran out while its chunks
 * were on their way; it has to come before the bytes, as none are stored for strangers.
 *
 * @throws ApiError 401, at once where no ticket can help.
 */
async function createOwnerLookup(
  { auth, sessions }: Context,
  request: FastifyRequest,
): Promise<(fields: ReadonlyMap<string, string>) => string> {
  const { authorization } = request.headers;
  try {
    const ownerId = await auth.authenticate(authorization);
    return () => ownerId;
  } catch (error) {
    const isStale = error instanceof ApiError && error.code === 'token_expired';
    if (!isStale && authorization !== undefined) throw error;
    return (fields) => {
      const id = fields.get('upload_id') ?? '';
      const owner = auth.isTicketFor(id, fields.get('ticket') ?? '') ? sessions.ownerOf(id) : undefined;
      if (owner === undefined) throw error;
      return owner;
    };
  }
}
