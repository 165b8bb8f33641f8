import { type IDBPDatabase, openDB } from 'idb';
import { UploadError } from '../errors.ts';
import { SCHEMA_VERSION, type Schema, upgrade } from './schema.ts';

/** A connection to the database. */
export interface DbConnection {
  readonly db: IDBPDatabase<Schema>;
  /**
   * Resolves when the connection is closed from outside, with `newer_version` or `database_closed`.
   */
  readonly terminated: Promise<UploadError>;
}

/**
 * Opens the database. The connection closes itself when a newer version of the app upgrades the
 * database.
 *
 * @throws UploadError `newer_version` if a newer version of the app has upgraded the database.
 */
export async function openConnection(name: string): Promise<DbConnection> {
  let terminate: (reason: UploadError) => void = () => undefined;
  const terminated = new Promise<UploadError>((resolve) => {
    terminate = resolve;
  });
  const db = await openDB<Schema>(name, SCHEMA_VERSION, {
    upgrade,
    blocking(_from, _to, event) {
      (event.target as IDBDatabase).close();
      terminate(createNewerVersionError());
    },
    // The browser deleted the site's data, or can no longer read it.
    terminated: () => terminate(createDatabaseClosedError()),
  }).catch(rethrowOpenError);
  return { db, terminated };
}

function rethrowOpenError(cause: unknown): never {
  if (!(cause instanceof DOMException) || cause.name !== 'VersionError') throw cause;
  throw createNewerVersionError(cause);
}

function createNewerVersionError(cause?: unknown): UploadError {
  const message = 'A newer version of this app is in use in this browser. Reload the page.';
  return new UploadError('newer_version', message, { cause });
}

function createDatabaseClosedError(): UploadError {
  return new UploadError('database_closed', 'The browser has closed the database of this app. Reload the page.');
}
