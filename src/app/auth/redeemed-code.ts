import { type IDBPDatabase, openDB } from 'idb';

/** The server accepts a code for this time from the browser that used it first. */
const REUSE_MS = 10 * 60_000;

const DB_NAME = 'uploader-sign-in';
const STORE = 'codes';
const KEY = 'last';

/** A code that this browser has sent, with the name that it gave itself. */
interface RedeemedCode {
  readonly code: string;
  readonly browser: string;
  /** When the server accepted it, in ms since 1970; null before. */
  readonly acceptedAt: number | null;
}

/**
 * The name that this browser gives itself for a code: the same one again for the same code. It is
 * stored before the first request, because the response or the cookie that it brings may be lost.
 * In IndexedDB: Chromium 156 writes localStorage and cookies to the disk many seconds later.
 */
export async function getBrowserName(code: string): Promise<string> {
  return inDatabase(async (db) => {
    const before: RedeemedCode | undefined = await db.get(STORE, KEY);
    if (before?.code === code) return before.browser;
    const browser = crypto.randomUUID();
    await db.put(STORE, { code, browser, acceptedAt: null } satisfies RedeemedCode, KEY);
    return browser;
  });
}

/** Call when the server has accepted a code. */
export async function rememberAccepted(code: string): Promise<void> {
  await inDatabase(async (db) => {
    const before: RedeemedCode | undefined = await db.get(STORE, KEY);
    // The server counts from the first use.
    if (before?.code === code) await db.put(STORE, { ...before, acceptedAt: before.acceptedAt ?? Date.now() }, KEY);
  });
}

/** The accepted code that this browser may use again; null if there is none. */
export async function getRepeatableCode(): Promise<string | null> {
  const last: RedeemedCode | undefined = await inDatabase((db) => db.get(STORE, KEY));
  if (!last || last.acceptedAt === null) return null;
  if (Math.abs(Date.now() - last.acceptedAt) < REUSE_MS) return last.code;
  await forgetCode();
  return null;
}

/** Call when the code is of no more use: the cookie came back, or the user has signed out. */
export async function forgetCode(): Promise<void> {
  await inDatabase((db) => db.delete(STORE, KEY));
}

async function inDatabase<T>(work: (db: IDBPDatabase) => Promise<T>): Promise<T> {
  const db = await openDB(DB_NAME, 1, { upgrade: (created) => void created.createObjectStore(STORE) });
  try {
    return await work(db);
  } finally {
    db.close();
  }
}
