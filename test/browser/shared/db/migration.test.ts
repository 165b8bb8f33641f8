import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../../../src/shared/db/schema.ts';
import { UploadsDb } from '../../../../src/shared/db/uploads-db.ts';
import { createUpload } from '../../../fixtures/upload.ts';

type OldRecord = Record<string, unknown> & { readonly id: string; readonly queuedAt: number };

/** The stores and indexes as the app made them at one of the versions 1 to 3. */
function openOldVersion(name: string, version: number): Promise<IDBPDatabase> {
  return openDB(name, version, {
    upgrade(database) {
      const uploads = database.createObjectStore('uploads', { keyPath: 'id' });
      uploads.createIndex('owner', ['ownerId', version === 1 ? 'queuedAt' : 'rank']);
      if (version === 3) uploads.createIndex('status', ['ownerId', 'status']);
      database.createObjectStore('pieces');
      database.createObjectStore('receipts', { keyPath: ['uploadId', 'generation', 'index'] });
      database.createObjectStore('settings');
    },
  });
}

/**
 * A record as one of the versions 1 to 3 stored it. Version 1 knew neither `rank` nor `completing`.
 */
function createOldRecord(version: number, id: string, queuedAt: number, facts: object = {}): OldRecord {
  return {
    id,
    ownerId: 'ada',
    fields: { uploadType: 'file', taskId: null, notes: null, profileId: null },
    files: [{ name: 'a.bin', type: '', sizeBytes: 3, modifiedAt: 0 }],
    sizeBytes: 3,
    stagedBytes: 3,
    queuedAt,
    ...(version > 1 && { rank: queuedAt / 2, completing: false }),
    generation: 0,
    plan: null,
    session: null,
    failures: 0,
    restarted: false,
    status: 'queued',
    ...facts,
  };
}

/** The same record as version 4 stores it. */
function createNewRecord(version: number, id: string, queuedAt: number, facts: object = {}) {
  return {
    ...createUpload({ id, queuedAt, sizeBytes: 3, rank: version > 1 ? queuedAt / 2 : queuedAt }),
    ...facts,
  };
}

const plan = { way: 'chunks', chunkBytes: 2, ramp: [] } as const;
const wait = { reason: 'backoff', nextAttemptAt: 7, message: 'Busy.' };
const failed = { status: 'failed', message: 'No.', failedAt: 5 };

/** For each record: its facts in the old and in the new shape. */
const RECORDS: readonly (readonly [id: string, before: object, after: object])[] = [
  [
    'in a session',
    {
      fields: { uploadType: 'zip', taskId: 't', notes: '', profileId: 0 },
      session: { uploadId: 's', ticket: 'proof' },
      status: 'uploading',
      generation: 2,
      failures: 1,
      plan,
    },
    {
      metadata: { upload_type: 'zip', task_id: 't', notes: '', profile_id: '0' },
      session: { id: 's', data: { ticket: 'proof' } },
      status: 'uploading',
      generation: 2,
      failures: 1,
      plan,
    },
  ],
  ['perhaps completed', { completing: true, restarted: true }, { mayHaveCompleted: true, restarted: true }],
  [
    'in a background fetch',
    { status: 'waiting', wait: { reason: 'carrier', fetchId: 'f' }, session: { uploadId: 's' } },
    { status: 'waiting', wait: { reason: 'background-fetch', fetchId: 'f' }, session: { id: 's' } },
  ],
  ['in backoff', { status: 'waiting', wait }, { status: 'waiting', wait }],
  [
    'completed',
    { status: 'completed', answer: { batch_id: 'b', answer: 'whole' }, completedAt: 9 },
    { status: 'completed', batch: { batch_id: 'b', answer: 'whole' }, completedAt: 9 },
  ],
  ['failed: bad_option', { ...failed, code: 'bad_option' }, { ...failed, code: 'invalid_option' }],
  ['failed: busy', { ...failed, code: 'busy' }, { ...failed, code: 'server_busy' }],
  ['failed: session_gone', { ...failed, code: 'session_gone' }, { ...failed, code: 'not_found' }],
  ['failed: hand_over', { ...failed, code: 'hand_over_refused' }, { ...failed, code: 'background_fetch_refused' }],
  ['failed: bad_answer', { ...failed, code: 'bad_answer' }, { ...failed, code: 'bad_response' }],
  ['failed: of the server', { ...failed, code: 'virus_found' }, { ...failed, code: 'virus_found' }],
  [
    'cancelled',
    { status: 'cancelled', cancelledAt: 4, nextAttemptAt: 8, stagedBytes: 0 },
    { status: 'cancelled', cancelledAt: 4, nextAttemptAt: 8, stagedBytes: 0 },
  ],
  ['unknown', { status: 'archived', shelf: 3 }, { status: 'archived', shelf: 3 }],
];

const endpoint = {
  api: 'https://a',
  uploads: 'https://b',
  refresh: null,
  concurrency: 4,
  chunkBytes: 9,
  digests: true,
};
const texts = { title: 'Hochladen', failed: 'Fehler', signIn: 'Anmelden', retry: 'Nochmal', icon: '/i.png' };

/** Every setting that versions 1 to 3 stored, and what version 4 makes of it. */
const SETTINGS: readonly (readonly [oldKey: string, before: unknown, newKey: string, after: unknown])[] = [
  ['token', { userId: 'ada', token: 't' }, 'credentials', { userId: 'ada', accessToken: 't' }],
  ['last user', 'ada', 'lastUserId', 'ada'],
  ['endpoint', endpoint, 'endpoint', endpoint],
  [
    'learned https://b',
    { features: ['ticket'], strict: true, silent: true, rateBytesPerSecond: 5, mostBytes: 6 },
    'serverProfile:https://b',
    { features: ['ticket'], rejectsExtraFields: true, listsNothing: true, rateBytesPerSecond: 5, maxChunkBytes: 6 },
  ],
  [
    'learned https://c/learned d',
    { features: null, strict: false, rateBytesPerSecond: null },
    'serverProfile:https://c/learned d',
    { features: null, rejectsExtraFields: false, rateBytesPerSecond: null },
  ],
  ['carrier', 'always', 'backgroundFetchMode', 'always'],
  ['not on mobile data', true, 'pauseOnCellular', true],
  [
    'strides',
    { f: { sentBytes: 1, lookedAt: 2, stoodMs: 3 }, older: { sentBytes: 1, since: 2 } },
    'fetchStalls',
    { f: { sentBytes: 1, checkedAt: 2, stalledMs: 3 }, older: { sentBytes: 1, since: 2 } },
  ],
  ['tidings', { ...texts, arrived: 'Da' }, 'notificationTexts', { ...texts, uploaded: 'Da' }],
  ['told', ['completed'], 'notifiedIds', ['completed']],
  ['removed due', 11, 'overdueRemovedAt', 11],
  ['of another version', { kept: true }, 'of another version', { kept: true }],
];

describe.each([1, 2, 3])('a database of version %i', (version) => {
  let name: string;

  beforeEach(async () => {
    name = `test ${crypto.randomUUID()}`;
    const old = await openOldVersion(name, version);
    for (const [n, [id, before]] of RECORDS.entries()) {
      await old.put('uploads', createOldRecord(version, id, 1000 + n, before));
    }
    await old.put('pieces', new Blob(['abc']), ['in a session', 0]);
    await old.put('pieces', new TextEncoder().encode('def').buffer, ['in a session', 1]);
    await old.put('receipts', { uploadId: 'in a session', generation: 2, index: 0, sizeBytes: 2 });
    for (const [key, value] of SETTINGS) await old.put('settings', value, key);
    old.close();
  });

  afterEach(() => deleteDB(name));

  /** Opens the database with the app, then reads a store as it is. */
  async function readMigrated(store: string): Promise<ReadonlyMap<string, unknown>> {
    (await UploadsDb.open(name)).close();
    const raw = await openDB(name);
    expect(raw.version).toBe(SCHEMA_VERSION);
    const [keys, values] = await Promise.all([raw.getAllKeys(store), raw.getAll(store)]);
    raw.close();
    return new Map(keys.map((key, n) => [String(key), values[n]]));
  }

  it('keeps every record under the new names', async () => {
    const expected = RECORDS.map(([id, , after], n) => [id, createNewRecord(version, id, 1000 + n, after)] as const);
    expect(await readMigrated('uploads')).toEqual(new Map(expected));
  });

  it('keeps every setting under its new key', async () => {
    const expected = new Map(SETTINGS.map(([, , key, value]) => [key, value]));
    expect(await readMigrated('settings')).toEqual(expected);
  });

  it('keeps pieces and receipts, and finds uploads by owner and status', async () => {
    const db = await UploadsDb.open(name);
    const [blob, buffer] = await db.pieces('in a session', 0, 2);
    expect(await new Response(blob).text()).toBe('abc');
    expect(buffer).toBeInstanceOf(ArrayBuffer);
    expect(await db.receipts('in a session', 2)).toEqual([
      { uploadId: 'in a session', generation: 2, index: 0, sizeBytes: 2 },
    ]);
    const known = RECORDS.map(([id]) => id).filter((id) => id !== 'unknown');
    expect((await db.list('ada')).map(({ id }) => id)).toEqual(known);
    expect((await db.listByStatus('ada', ['uploading', 'completed'])).map(({ id }) => id)).toEqual([
      'in a session',
      'completed',
    ]);
    db.close();
  });

  it('gives the app its settings', async () => {
    const db = await UploadsDb.open(name);
    expect(await db.settings.getCredentials()).toEqual({ userId: 'ada', accessToken: 't' });
    expect(await db.settings.getLastUserId()).toBe('ada');
    expect(await db.settings.getEndpoint()).toEqual(endpoint);
    expect(await db.settings.getServerProfile('https://b')).toMatchObject({ maxChunkBytes: 6 });
    expect(await db.settings.get('notifiedIds')).toEqual(['completed']);
    expect(await db.settings.get('pauseOnCellular')).toBe(true);
    db.close();
  });
});

describe('a database of the first release', () => {
  let name: string;

  beforeEach(() => {
    name = `test ${crypto.randomUUID()}`;
  });

  afterEach(() => deleteDB(name));

  it('keeps the order in which its uploads were queued', async () => {
    const first = await openOldVersion(name, 1);
    for (const record of [createOldRecord(1, 'a', 2000), createOldRecord(1, 'b', 1000)]) {
      await first.put('uploads', record);
    }
    await first.put('pieces', new Blob(['abc']), ['b', 0]);
    await first.put('receipts', { uploadId: 'b', generation: 0, index: 0, sizeBytes: 3 });
    await first.put('settings', { userId: 'ada', token: 't' }, 'token');
    first.close();
    const db = await UploadsDb.open(name);
    expect((await db.list('ada')).map(({ id }) => id)).toEqual(['b', 'a']);
    const next = await db.add(createUpload({ id: 'c' }));
    expect(next.rank).toBeGreaterThan(2000);
    expect((await db.listByStatus('ada', ['queued'])).map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
    expect(await new Response((await db.pieces('b', 0, 1))[0]).text()).toBe('abc');
    expect(await db.receipts('b', 0)).toHaveLength(1);
    expect(await db.settings.getCredentials()).toEqual({ userId: 'ada', accessToken: 't' });
    db.close();
  });
});
