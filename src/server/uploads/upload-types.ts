import { ApiError, badField } from '../errors.ts';
import type { Metadata } from '../store/upload-store.ts';

/** The rule for the value of a metadata field. */
export interface MetadataRule {
  /** `integer` fields are digits in a form and numbers in JSON. */
  readonly kind: 'text' | 'integer';
  readonly maxLength: number;
  /** The message when the field is missing or empty; optional fields have none. */
  readonly requiredMessage?: string;
}

/** The rules of one upload type. */
export interface UploadType {
  /** The form field of its file in a whole request. */
  readonly fileField: string;
  readonly hasManyFiles: boolean;
  readonly metadata: Readonly<Record<string, MetadataRule>>;
}

/** Upload types by name. */
export type UploadTypes = Readonly<Record<string, UploadType>>;

const TASK_ID: MetadataRule = { kind: 'text', maxLength: 200 };
const REQUIRED_TASK_ID: MetadataRule = { ...TASK_ID, requiredMessage: 'Task ID required' };
const NOTES: MetadataRule = { kind: 'text', maxLength: 64 * 1024 };
const PROFILE_ID: MetadataRule = { kind: 'integer', maxLength: 15 };

/** One file, with optional metadata. */
export const SINGLE_FILE: UploadType = {
  fileField: 'file',
  hasManyFiles: false,
  metadata: { task_id: TASK_ID, notes: NOTES, profile_id: PROFILE_ID },
};

const withTask = { ...SINGLE_FILE, metadata: { ...SINGLE_FILE.metadata, task_id: REQUIRED_TASK_ID } };

/** The types that a server accepts by default. */
export const UPLOAD_TYPES: UploadTypes = {
  file: SINGLE_FILE,
  zip: SINGLE_FILE,
  zip_no_qr: withTask,
  images: { ...withTask, fileField: 'files', hasManyFiles: true },
};

/** @throws ApiError 400 `unknown_upload_type`. */
export function getUploadType(types: UploadTypes, name: string): UploadType {
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type) return type;
  const message = `The upload type “${name}” is unknown. Use one of: ${Object.keys(types).join(', ')}.`;
  throw new ApiError(400, 'unknown_upload_type', message, { field: 'upload_type' });
}

/**
 * Picks the metadata of an upload from the fields of its form.
 *
 * @throws ApiError 400 that names the field.
 */
export function parseMetadata({ metadata: rules }: UploadType, fields: ReadonlyMap<string, string>): Metadata {
  const metadata: Record<string, string> = {};
  for (const [field, { kind, maxLength, requiredMessage }] of Object.entries(rules)) {
    const value = fields.get(field);
    if (requiredMessage !== undefined && !value) {
      throw new ApiError(400, `${field}_required`, requiredMessage, { field });
    }
    if (value === undefined) continue;
    if (value.length > maxLength || (kind === 'integer' && !/^\d+$/.test(value))) throw badField(field, 'is not valid');
    metadata[field] = value;
  }
  return metadata;
}

/** The metadata of an upload in JSON; absent fields are null. */
export function toMetadataJson(
  { metadata: rules }: UploadType,
  metadata: Metadata,
): Record<string, string | number | null> {
  const entries = Object.entries(rules).map(([field, { kind }]): [string, string | number | null] => {
    const value = metadata[field] ?? null;
    return [field, kind === 'integer' && value !== null ? Number(value) : value];
  });
  return Object.fromEntries(entries);
}
