import { type IDBPDatabase, openDB } from 'idb';
import { UploadError } from './errors.ts';
import { type Schema, upgrade, VERSION } from './schema.ts';

/** A connection to the database. */
export interface Connection {
  readonly db: IDBPDatabase<Schema>;
  /** Resolves when somebody else has closed it, with what there is to say of that: `newer_version` or `database_closed`. */
  readonly lost: Promise<UploadError>;
}

/**
 * Opens the database; the connection gives way by itself when a newer version of the app wants to upgrade it.
 *
 * @throws UploadError `newer_version` when a newer version of the app has stored its uploads there.
 */
export async function connect(name: string): Promise<Connection> {
  let lose: (error: UploadError) => void = () => undefined;
  const lost = new Promise<UploadError>((resolve) => {
    lose = resolve;
  });
  const db = await openDB<Schema>(name, VERSION, {
    upgrade,
    blocking(_from, _to, event) {
      (event.target as IDBDatabase).close();
      lose(newerVersion());
    },
    // The browser removed what was stored, or could not read it any more.
    terminated: () => lose(databaseClosed()),
  }).catch(explained);
  return { db, lost };
}

/** Says in words of ours that the database is of a newer version; throws everything else on. */
function explained(cause: unknown): never {
  if (!(cause instanceof DOMException) || cause.name !== 'VersionError') throw cause;
  throw newerVersion(cause);
}

function newerVersion(cause?: unknown): UploadError {
  const message = 'A newer version of this app keeps the uploads here: reload the page.';
  return new UploadError('newer_version', message, { cause });
}

function databaseClosed(): UploadError {
  return new UploadError('database_closed', 'The browser has closed the database of this app: reload the page.');
}
