import * as v from 'valibot';
import type { Metadata } from '../upload-store.ts';

/** The fixed fields that earlier versions stored in place of metadata. */
export const legacyEntries = {
  taskId: v.nullish(v.string()),
  notes: v.nullish(v.string()),
  profileId: v.nullish(v.number()),
};

interface LegacyFields {
  readonly taskId?: string | null | undefined;
  readonly notes?: string | null | undefined;
  readonly profileId?: number | null | undefined;
}

export function readLegacyMetadata({ taskId, notes, profileId }: LegacyFields): Metadata {
  return {
    ...(typeof taskId === 'string' && { task_id: taskId }),
    ...(typeof notes === 'string' && { notes }),
    ...(typeof profileId === 'number' && { profile_id: String(profileId) }),
  };
}
