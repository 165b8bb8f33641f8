import * as v from 'valibot';
import { createMetadata, type Metadata, requiresTaskId } from '../../page/index.ts';

const KEY = 'uploader-fields';

/** The values of `upload_type` in the server's API. */
export const TYPES = ['file', 'zip', 'zip_no_qr', 'images'] as const;
export type UploadType = (typeof TYPES)[number];

/** The values of the form as typed. */
export interface BatchFields {
  readonly uploadType: UploadType;
  readonly taskId: string;
  readonly profileId: string;
  readonly notes: string;
}

export const EMPTY_FIELDS: BatchFields = { uploadType: 'file', taskId: '', profileId: '', notes: '' };
const storedFields = v.object({
  ownerId: v.nullable(v.string()),
  fields: v.object({
    uploadType: v.picklist(TYPES),
    taskId: v.string(),
    profileId: v.string(),
    notes: v.string(),
  }),
});

/** The values that a user typed last; the empty form where they are missing, or of another user. */
export function loadFields(ownerId: string | null): BatchFields {
  const stored = readStoredFields();
  return stored?.ownerId === ownerId ? stored.fields : EMPTY_FIELDS;
}

export function saveFields(ownerId: string | null, fields: BatchFields): void {
  localStorage.setItem(KEY, JSON.stringify({ ownerId, fields }));
}

/** Removes the values of every other user. */
export function keepFieldsOf(ownerId: string | null): void {
  if (readStoredFields()?.ownerId !== ownerId) localStorage.removeItem(KEY);
}

/** The field that the server would reject, or null. */
export function findInvalidField(fields: BatchFields): 'taskId' | 'profileId' | null {
  if (!/^\d{0,15}$/.test(fields.profileId.trim())) return 'profileId';
  return requiresTaskId(toMetadata(fields)) && fields.taskId.trim() === '' ? 'taskId' : null;
}

/** The metadata of an upload with these values. Empty values are not sent; profile 0 is. */
export function toMetadata({ uploadType, taskId, profileId, notes }: BatchFields): Metadata {
  const toText = (value: string) => value.trim() || null;
  const profile = toText(profileId);
  return createMetadata({
    uploadType,
    taskId: toText(taskId),
    notes: toText(notes),
    profileId: profile === null ? null : Number(profile),
  });
}

function readStoredFields(): v.InferOutput<typeof storedFields> | null {
  try {
    return v.parse(storedFields, JSON.parse(localStorage.getItem(KEY) ?? ''));
  } catch {
    return null;
  }
}
