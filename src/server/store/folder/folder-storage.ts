import { KeyedMutex } from '../keyed-mutex.ts';
import type { Storage } from '../storage.ts';
import { NO_LOG } from '../store-log.ts';
import { AuthFile } from './auth-file.ts';
import { FolderByteStore } from './folder-byte-store.ts';
import { FolderGuestLinks } from './folder-guest-links.ts';
import { FolderRefreshTokens } from './folder-refresh-tokens.ts';
import { FolderSignInLinks } from './folder-sign-in-links.ts';
import { FolderUploadStore } from './folder-upload-store.ts';

/** Storage in one folder, for one process. */
export interface FolderStorage extends Storage {
  readonly uploads: FolderUploadStore;
}

/**
 * Opens a data folder and reads what it holds; creates it when it is missing.
 *
 * @param log names the damaged files that are set aside.
 */
export async function openFolderStorage(dataDir: string, log = NO_LOG): Promise<FolderStorage> {
  const bytes = await FolderByteStore.open(dataDir);
  const authFile = await AuthFile.open(dataDir, log);
  const uploads = await FolderUploadStore.open(bytes);
  return {
    uploads,
    bytes,
    locks: new KeyedMutex(),
    refreshTokens: new FolderRefreshTokens(authFile),
    guestLinks: await FolderGuestLinks.open(dataDir, log),
    signInLinks: new FolderSignInLinks(dataDir, log),
    secret: authFile.secret,
    earlierTicketsUntil: authFile.earlierTicketsUntil,
    close: () => uploads.close(),
  };
}
