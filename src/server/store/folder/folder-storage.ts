import { KeyedMutex } from '../keyed-mutex.ts';
import type { Storage } from '../storage.ts';
import { NO_LOG, type StoreLog } from '../store-log.ts';
import { AuthFile } from './auth-file.ts';
import { DamagedFiles } from './damaged-files.ts';
import { FolderByteStore } from './folder-byte-store.ts';
import { FolderGuestLinks } from './folder-guest-links.ts';
import { FolderRefreshTokens } from './folder-refresh-tokens.ts';
import { FolderSignInLinks } from './folder-sign-in-links.ts';
import { FolderUploadStore } from './folder-upload-store.ts';
import { FreeSpace } from './free-space.ts';

/** Storage in one folder, for one process. */
export interface FolderStorage extends Storage {
  readonly uploads: FolderUploadStore;
  readonly bytes: FolderByteStore;
}

/** The options of the storage. */
export interface FolderStorageOptions {
  /** Names the damaged files that are set aside. */
  readonly log?: StoreLog;
  /** So many bytes of the disk stay free; none by default. */
  readonly minFreeBytes?: number;
}

/**
 * Opens a data folder and reads what it holds; creates it when it is missing.
 */
export async function openFolderStorage(
  dataDir: string,
  { log = NO_LOG, minFreeBytes = 0 }: FolderStorageOptions = {},
): Promise<FolderStorage> {
  const damaged = new DamagedFiles(dataDir, log);
  const bytes = await FolderByteStore.open(dataDir, FreeSpace.of(dataDir, minFreeBytes));
  const authFile = await AuthFile.open(dataDir, damaged);
  const uploads = await FolderUploadStore.open({ bytes, damaged, log });
  return {
    uploads,
    bytes,
    locks: new KeyedMutex(),
    refreshTokens: new FolderRefreshTokens(authFile),
    guestLinks: await FolderGuestLinks.open(dataDir, damaged),
    signInLinks: new FolderSignInLinks(dataDir, damaged),
    secret: authFile.secret,
    earlierTicketsUntil: authFile.earlierTicketsUntil,
    close: () => uploads.close(),
  };
}
