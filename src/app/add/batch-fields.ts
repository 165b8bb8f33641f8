import * as v from 'valibot';
import { createMetadata, type Metadata } from '../../page/index.ts';

const KEY = 'uploader-fields';

/** The wire's names of what can be uploaded. */
export const TYPES = ['file', 'zip', 'zip_no_qr', 'images'] as const;
export type UploadType = (typeof TYPES)[number];

/** What the batch form holds, as it was typed. */
export interface BatchFields {
  readonly uploadType: UploadType;
  readonly taskId: string;
  readonly profileId: string;
  readonly notes: string;
}

const EMPTY: BatchFields = { uploadType: 'file', taskId: '', profileId: '', notes: '' };
const stored = v.object({
  uploadType: v.picklist(TYPES),
  taskId: v.string(),
  profileId: v.string(),
  notes: v.string(),
});

/** What was typed last in this browser; what is not understood counts as nothing. */
export function loadFields(): BatchFields {
  try {
    return v.parse(stored, JSON.parse(localStorage.getItem(KEY) ?? ''));
  } catch {
    return EMPTY;
  }
}

export function saveFields(fields: BatchFields): void {
  localStorage.setItem(KEY, JSON.stringify(fields));
}

/** Whether the server's rule asks for a task. */
export function requiresTaskId({ uploadType }: BatchFields): boolean {
  return uploadType === 'zip_no_qr' || uploadType === 'images';
}

/** Which field the server would refuse, or null. */
export function findInvalidField(fields: BatchFields): 'taskId' | 'profileId' | null {
  if (!/^\d{0,15}$/.test(fields.profileId.trim())) return 'profileId';
  return requiresTaskId(fields) && fields.taskId.trim() === '' ? 'taskId' : null;
}

/** The metadata of an upload with these fields. Empty fields are not sent; profile 0 is. */
export function toMetadata({ uploadType, taskId, profileId, notes }: BatchFields): Metadata {
  const text = (value: string) => value.trim() || null;
  const profile = text(profileId);
  const profileNumber = profile === null ? null : Number(profile);
  return createMetadata({ uploadType, taskId: text(taskId), notes: text(notes), profileId: profileNumber });
}
