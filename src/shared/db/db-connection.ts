import { type IDBPDatabase, openDB } from 'idb';
import { UploadError } from '../errors.ts';
import { SCHEMA_VERSION, type Schema, upgrade } from './schema.ts';

/** A connection to the database. */
export interface DbConnection {
  readonly db: IDBPDatabase<Schema>;
  /** Resolves when somebody else has closed it, with what there is to say of that: `newer_version` or `database_closed`. */
  readonly terminated: Promise<UploadError>;
}

/**
 * Opens the database; the connection gives way by itself when a newer version of the app wants to upgrade it.
 *
 * @throws UploadError `newer_version` when a newer version of the app has stored its uploads there.
 */
export async function openConnection(name: string): Promise<DbConnection> {
  let lose: (error: UploadError) => void = () => undefined;
  const lost = new Promise<UploadError>((resolve) => {
    lose = resolve;
  });
  const db = await openDB<Schema>(name, SCHEMA_VERSION, {
    upgrade,
    blocking(_from, _to, event) {
      (event.target as IDBDatabase).close();
      lose(createNewerVersionError());
    },
    // The browser removed what was stored, or could not read it any more.
    terminated: () => lose(createDatabaseClosedError()),
  }).catch(rethrowOpenError);
  return { db, terminated: lost };
}

/** Says in words of ours that the database is of a newer version; throws everything else on. */
function rethrowOpenError(cause: unknown): never {
  if (!(cause instanceof DOMException) || cause.name !== 'VersionError') throw cause;
  throw createNewerVersionError(cause);
}

function createNewerVersionError(cause?: unknown): UploadError {
  const message = 'A newer version of this app keeps the uploads here: reload the page.';
  return new UploadError('newer_version', message, { cause });
}

function createDatabaseClosedError(): UploadError {
  return new UploadError('database_closed', 'The browser has closed the database of this app: reload the page.');
}
