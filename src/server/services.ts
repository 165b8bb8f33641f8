import { Auth } from './auth/auth.ts';
import type { Uploads } from './routes/api-context.ts';
import type { ServerOptions } from './server-options.ts';
import { openFolderStorage } from './store/folder/folder-storage.ts';
import type { Storage } from './store/storage.ts';
import { NO_LOG, type StoreLog } from './store/store-log.ts';
import { CleanUp } from './uploads/clean-up.ts';
import { UploadService } from './uploads/upload-service.ts';

/** The parts of a server below its routes. */
export interface Services {
  readonly storage: Storage;
  readonly uploads: Uploads;
  readonly cleanUp: CleanUp;
  readonly auth: Auth;
}

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Creates the services that are not given.
 *
 * @param given replaces parts, such as the storage in the data folder.
 * @param log receives what the storage reports.
 */
export async function createServices(
  options: ServerOptions,
  given: Partial<Services> = {},
  log: StoreLog = NO_LOG,
): Promise<Services> {
  const storage = given.storage ?? (await openStorage(options, log));
  return {
    storage,
    uploads: given.uploads ?? createUploadService(storage, options),
    cleanUp: given.cleanUp ?? createCleanUp(storage, options),
    auth: given.auth ?? createAuth(storage, options),
  };
}

function openStorage(options: ServerOptions, log: StoreLog): Promise<Storage> {
  return openFolderStorage(options.dataDir, { log, minFreeBytes: getMinFreeBytes(options) });
}

export function getMinFreeBytes({ minFreeBytes = 1024 * MIB }: ServerOptions): number {
  return minFreeBytes;
}

export function getMaxUploadBytes({ maxUploadBytes = 100 * 1024 * MIB }: ServerOptions): number {
  return maxUploadBytes;
}

export function hasExtensions({ level }: ServerOptions): boolean {
  return level !== 'basic';
}

function createUploadService(storage: Storage, options: ServerOptions): UploadService {
  const quotas = {
    maxSessions: options.maxOpenSessions ?? 1000,
    maxBytes: options.maxOpenBytes ?? 200 * 1024 * MIB,
    maxUserBytes: options.maxUserBytes ?? 500 * 1024 * MIB,
    maxUploadBytes: getMaxUploadBytes(options),
  };
  return new UploadService({ storage, quotas, hasExtensions: hasExtensions(options) });
}

function createCleanUp(storage: Storage, { retentionDays }: ServerOptions): CleanUp {
  return new CleanUp(storage, retentionDays === undefined ? null : retentionDays * DAY_MS);
}

function createAuth(storage: Storage, options: ServerOptions): Auth {
  const { tokenTtlSeconds = 15 * 60, provider = null } = options;
  return new Auth({ ...storage, tokenTtlSeconds, provider });
}
