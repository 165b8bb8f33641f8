import { KeyedMutex } from '../keyed-mutex.ts';
import type { Storage } from '../storage.ts';
import { AuthFile } from './auth-file.ts';
import { FolderByteStore } from './folder-byte-store.ts';
import { FolderRefreshTokens } from './folder-refresh-tokens.ts';
import { FolderUploadStore } from './folder-upload-store.ts';

/** Storage in one folder, for one process. */
export interface FolderStorage extends Storage {
  readonly uploads: FolderUploadStore;
}

/** Opens a data folder and reads what it holds; creates it when it is missing. */
export async function openFolderStorage(dataDir: string): Promise<FolderStorage> {
  const bytes = await FolderByteStore.open(dataDir);
  const authFile = await AuthFile.open(dataDir);
  const uploads = await FolderUploadStore.open(bytes);
  return {
    uploads,
    bytes,
    locks: new KeyedMutex(),
    refreshTokens: new FolderRefreshTokens(authFile),
    secret: authFile.secret,
    close: () => uploads.close(),
  };
}
