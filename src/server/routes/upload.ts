import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badField } from '../errors.ts';
import type { ArrivingPart } from '../multipart/arriving-part.ts';
import type { FilePart } from '../multipart/form-parts.ts';
import { type Form, readForm } from '../multipart/read-form.ts';
import {
  type ChunkFields,
  MAX_NAME_LENGTH,
  parseChunkFields,
  parseUploadFields,
  type UploadFields,
} from '../uploads/form-fields.ts';
import type { IncomingRequest } from '../uploads/incoming-chunks.ts';
import type { UploadContext } from './api-context.ts';
import { toBatchJson } from './batch-json.ts';
import { authorizeChunk, renewTicket } from './chunk-authorization.ts';
import { cutRequest, readChunkForm } from './chunk-form.ts';

/** About the most that a form has beside its files. */
const MAX_FORM_BYTES = 1024 * 1024;

/** Receives whole uploads and chunks. */
export function uploadRoutes(api: FastifyInstance, context: UploadContext): void {
  const { auth, uploads, incoming, bytes, fileLists, fieldRules, maxBodyBytes } = context;
  const json = { fileLists, uploadTypes: fieldRules.uploadTypes };

  const receiveWhole = async (tracked: IncomingRequest, request: FastifyRequest) => {
    const ownerId = await auth.authenticate(request);
    const admit = createAdmission(context, tracked, request, ownerId);
    const form = await readForm(request.raw, { bytes, maxBytes: maxBodyBytes, admit });
    try {
      const fields = parseUploadFields(form.fields, fieldRules);
      const batch = await uploads.receiveFiles(ownerId, fields, getUploadedFiles(form, fields));
      return {
        ...(await toBatchJson(batch, json)),
        ...(fieldRules.hasExtensions && { received_ms: form.receivedMs }),
      };
    } finally {
      await form.dispose();
    }
  };

  const receiveChunk = async (tracked: IncomingRequest, request: FastifyRequest) => {
    const authorization = await authorizeChunk(context, request);
    const form = await readChunkForm(context, request.raw, tracked, authorization);
    try {
      const ownerId = await authorization.findOwner(form.fields);
      const fields = parseChunkFields(form.fields, fieldRules);
      const { chunk, list } = splitFileList(form, fields);
      const { sessionId, batch } = await fileLists.receive(list, fields, (fileList) =>
        uploads.receiveChunk(ownerId, fields, getOnlyFile(chunk, 'chunk'), fileList),
      );
      const ticket = batch ? undefined : renewTicket(context, authorization.caller, sessionId, form.fields);
      return {
        upload_id: sessionId,
        ...(fieldRules.hasExtensions && { received_ms: form.receivedMs }),
        ...(fieldRules.hasExtensions && ticket !== undefined && { ticket }),
        ...(batch && { batch_id: batch.batchId }),
      };
    } finally {
      await form.dispose();
    }
  };

  for (const [path, receive] of [
    ['/batches/upload', receiveWhole],
    ['/batches/upload-chunk', receiveChunk],
  ] as const) {
    api.post(path, async (request, reply) => {
      const cut = () => cutRequest(request.raw);
      const body = await incoming.track(cut, (tracked) => receive(tracked, request));
      return reply.sendWithFeatures(body);
    });
  }
}

/** Tracks a whole upload, and checks before its bytes arrive that the user has room for them. */
function createAdmission(
  { uploads, incoming, maxBodyBytes }: UploadContext,
  tracked: IncomingRequest,
  { headers }: FastifyRequest,
  ownerId: string,
) {
  // When the files are here, they are counted exactly.
  const declaredBytes = Math.max(0, Number(headers['content-length'] ?? maxBodyBytes) - MAX_FORM_BYTES);
  return async (fields: ReadonlyMap<string, string>, part: ArrivingPart) => {
    const isFirst = tracked.upload === null;
    const key = fields.get('idempotency_key') ?? null;
    tracked.upload ??= { ownerId, key, declaredBytes, parts: [] };
    tracked.upload.parts.push(part);
    if (isFirst) await uploads.checkRoom(ownerId, key, incoming.countDeclaredBytes(ownerId));
  };
}

/** Separates the list of files from chunk 0 of an upload of many files. */
function splitFileList(form: Form, { fileCount, index }: ChunkFields): { chunk: Pick<Form, 'files'>; list?: FilePart } {
  const [first, ...files] = form.files;
  if (first?.field !== 'file_list' || fileCount === null || index !== 0) return { chunk: form };
  return { chunk: { files }, list: first };
}

function getUploadedFiles(form: Form, { type, exactName }: UploadFields): readonly FilePart[] {
  const { fileField, hasManyFiles } = type;
  const files = hasManyFiles ? getFiles(form, fileField) : [withName(getOnlyFile(form, fileField), exactName)];
  const isNamed = files.every(({ name }) => name !== '' && name.length <= MAX_NAME_LENGTH);
  if (!isNamed) throw badField(fileField, `must have a name of 1 to ${MAX_NAME_LENGTH} characters`);
  return files;
}

function withName(file: FilePart, name: string | null): FilePart {
  return name === null ? file : { ...file, name };
}

function getFiles({ files }: Pick<Form, 'files'>, field: string): readonly FilePart[] {
  if (files.length === 0) throw badField(field, 'is missing');
  const other = files.find((file) => file.field !== field);
  if (other) throw badField(other.field, 'is not a file of this form');
  return files;
}

function getOnlyFile(form: Pick<Form, 'files'>, field: string): FilePart {
  const [file, ...more] = getFiles(form, field);
  if (!file || more.length > 0) throw badField(field, 'was sent twice');
  return file;
}
