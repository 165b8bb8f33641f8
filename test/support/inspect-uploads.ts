import { ApiError } from '../../src/server/errors.ts';
import type { Services } from '../../src/server/services.ts';
import type { FolderStorage } from '../../src/server/store/folder/folder-storage.ts';
import type { Batch } from '../../src/server/store/upload-store.ts';

/** A batch with the metadata of the basic level. */
export interface InspectedBatch extends Batch {
  readonly taskId: string | null;
  readonly notes: string | null;
  readonly profileId: number | null;
}

/** What a server on a data folder holds, without asking its API. */
export interface InspectedUploads {
  readonly batches: {
    /** Newest first. */
    list(ownerId: string): readonly InspectedBatch[];
    /** Resolves when no chunks are left to join. */
    joined(): Promise<void>;
  };
  readonly sessions: {
    readonly ids: readonly string[];
    /** Removes a session as if it had expired. */
    lose(id: string): Promise<void>;
  };
}

export function inspectUploads(storage: FolderStorage, uploads: Services['uploads']): InspectedUploads {
  const { index } = storage.uploads;
  return {
    batches: {
      list: (ownerId) => index.listBatches(ownerId).map(toInspectedBatch),
      joined: () => storage.uploads.whenJoined(),
    },
    sessions: {
      get ids() {
        return index.sessions.map(({ id }) => id);
      },
      async lose(id) {
        const session = index.findSession(id);
        if (!session) return;
        await uploads.discardSession(session.ownerId, id).catch((error: unknown) => {
          // It ended in the meantime.
          if (!(error instanceof ApiError)) throw error;
        });
      },
    },
  };
}

function toInspectedBatch(batch: Batch): InspectedBatch {
  const { task_id: taskId = null, notes = null, profile_id: profileId } = batch.metadata;
  return { ...batch, taskId, notes, profileId: profileId === undefined ? null : Number(profileId) };
}
