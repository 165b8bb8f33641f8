import { describe } from 'vitest';
import { AuthFile } from '../../../../src/server/store/folder/auth-file.ts';
import { FolderByteStore } from '../../../../src/server/store/folder/folder-byte-store.ts';
import { FolderRefreshTokens } from '../../../../src/server/store/folder/folder-refresh-tokens.ts';
import { openFolderStorage } from '../../../../src/server/store/folder/folder-storage.ts';
import { KeyedMutex } from '../../../../src/server/store/keyed-mutex.ts';
import { addCleanUp, folder } from '../peer.ts';
import { byteStoreContract } from './byte-store-contract.ts';
import { locksContract } from './locks-contract.ts';
import { refreshTokensContract } from './refresh-tokens-contract.ts';
import type { Stores } from './stores.ts';
import { uploadStoreContract } from './upload-store-contract.ts';

async function openStores(dataDir: string): Promise<Stores> {
  const { uploads, bytes, close } = await openFolderStorage(dataDir);
  // The store may still join chunks in the folder.
  addCleanUp(close);
  const reopen = async () => {
    await close();
    return openStores(dataDir);
  };
  return { uploads, bytes, reopen };
}

describe('KeyedMutex', () => locksContract(async () => new KeyedMutex()));

describe('FolderRefreshTokens', () => {
  refreshTokensContract(async (now) => new FolderRefreshTokens(await AuthFile.open(await folder()), now));
});

describe('FolderByteStore', () => byteStoreContract(async () => FolderByteStore.open(await folder())));

describe('FolderUploadStore', () => uploadStoreContract(async () => openStores(await folder())));
