import * as v from 'valibot';
import { ApiError, badBundle, badField } from '../errors.ts';
import type { ReceivedBlob } from '../store/byte-store.ts';
import { type FieldRules, MAX_NAME_LENGTH, parseUploadFields, type UploadFields } from './form-fields.ts';
import type { ReceivedFile } from './upload-service.ts';

/** One upload of a bundle: the facts without which the bundle has no meaning, and the others. */
export interface BundledUpload {
  readonly key: string;
  readonly sizeBytes: number;
  readonly json: unknown;
}

const MAX_UPLOADS = 1000;

const text = v.pipe(
  v.string(),
  v.transform((value) => Buffer.from(value).toString()),
);
const bundle = v.pipe(
  v.array(
    v.looseObject({
      idempotency_key: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
      size_bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    }),
  ),
  v.minLength(1),
  v.maxLength(MAX_UPLOADS),
);
const upload = v.object({
  idempotency_key: text,
  upload_type: text,
  task_id: v.nullish(text),
  notes: v.nullish(text),
  profile_id: v.nullish(v.union([v.string(), v.number()])),
  filename: v.pipe(text, v.minLength(1), v.maxLength(MAX_NAME_LENGTH)),
  type: v.nullish(v.pipe(text, v.maxLength(MAX_NAME_LENGTH))),
  sha256: v.nullish(v.pipe(v.string(), v.toLowerCase())),
});

/** @throws ApiError 400 `bad_bundle`. */
export function parseBundle(json: string): BundledUpload[] {
  const result = v.safeParse(bundle, parseJson(json));
  if (!result.success) throw badBundle(`its list is not valid (${v.getDotPath(result.issues[0]) ?? 'uploads'})`);
  return result.output.map((item) => ({ key: item.idempotency_key, sizeBytes: item.size_bytes, json: item }));
}

/**
 * Checks one upload by the rules of a whole upload.
 *
 * @throws ApiError 400 that names the field; 422 `checksum_mismatch`.
 */
export function parseBundledUpload(
  { json }: BundledUpload,
  received: ReceivedBlob,
  rules: FieldRules,
): { readonly fields: UploadFields; readonly file: ReceivedFile } {
  const result = v.safeParse(upload, json);
  if (!result.success) throw badField(v.getDotPath(result.issues[0]) ?? 'uploads', 'is missing or not valid');
  const { filename, type, sha256, ...others } = result.output;
  if (typeof sha256 === 'string' && sha256 !== received.sha256) {
    throw new ApiError(422, 'checksum_mismatch', 'The file was damaged in transit. Send it again.');
  }
  const fields = Object.entries(others).filter(([, value]) => value !== null && value !== undefined);
  return {
    fields: parseUploadFields(new Map(fields.map(([field, value]) => [field, String(value)])), rules),
    file: { ...received, name: filename, type: type || 'application/octet-stream' },
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw badBundle('its list is not JSON');
  }
}
