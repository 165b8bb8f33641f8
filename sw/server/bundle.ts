import * as v from 'valibot';
import type { UploadError } from '../../src/shared/errors.ts';
import { createBadResponseError, createStatusError } from '../../src/shared/http/responses.ts';
import { listFormFields } from '../../src/shared/metadata.ts';
import type { BatchResponse } from '../../src/shared/upload.ts';
import type { BundledUpload, SentBundle } from '../ports/transport.ts';
import { parseResult, receivedMsSchema } from './responses.ts';

/** The path of bundles, relative to the base URL. */
export const BUNDLE_PATH = '/batches/upload-bundle';

const bundleSchema = v.object({
  results: v.array(v.looseObject({ idempotency_key: v.string() })),
  received_ms: receivedMsSchema,
});
const failureSchema = v.object({ status: v.pipe(v.number(), v.safeInteger(), v.minValue(400), v.maxValue(599)) });

/**
 * Creates the body of `POST /batches/upload-bundle`. The list comes before the bytes, so that a
 * streaming server knows where each file ends.
 */
export function createBundleForm(uploads: readonly BundledUpload[]): FormData {
  const form = new FormData();
  const list = JSON.stringify(uploads.map(toJson));
  form.set('uploads', new Blob([list], { type: 'application/json' }), 'uploads.json');
  form.set('bytes', new Blob(uploads.map(({ file }) => file)), 'bytes');
  return form;
}

/** @throws UploadError `bad_response` unless the JSON lists results. */
export function parseSentBundle(json: unknown): SentBundle {
  const parsed = v.safeParse(bundleSchema, json);
  if (!parsed.success) throw createBadResponseError();
  const { results: list, received_ms: receivedMs } = parsed.output;
  const results = new Map(list.map((result) => [result.idempotency_key, parseBundledResult(result)]));
  return { results, ...(receivedMs !== undefined && { receivedMs }) };
}

function toJson({ upload, file, sha256 }: BundledUpload) {
  return {
    idempotency_key: upload.id,
    ...Object.fromEntries(listFormFields(upload.metadata, { isFinal: true })),
    filename: file.name,
    type: file.type,
    size_bytes: file.size,
    ...(sha256 !== null && { sha256 }),
  };
}

function parseBundledResult(json: unknown): BatchResponse | UploadError {
  const failure = v.safeParse(failureSchema, json);
  const error = failure.success ? createStatusError(failure.output.status, json) : createBadResponseError();
  return parseResult(json) ?? error;
}
