import { type BasicFields, createMetadata } from '../metadata.ts';
import type { RemoteSession, Upload } from '../upload.ts';

/**
 * The parts of an upload's record whose names or shape differ in versions 1 to 3. Version 1 has no
 * `completing`.
 */
interface StoredUpload {
  readonly fields: BasicFields;
  readonly completing?: boolean;
  readonly session: { readonly uploadId: string; readonly ticket?: string } | null;
  readonly wait?: { readonly reason: string };
  readonly answer?: unknown;
  readonly code?: string;
}

/** Error codes of failed uploads that have another name since version 4. */
const ERROR_CODES: Readonly<Record<string, string>> = {
  bad_option: 'invalid_option',
  busy: 'server_busy',
  session_gone: 'not_found',
  hand_over_refused: 'background_fetch_refused',
  bad_answer: 'bad_response',
};

/**
 * The record of version 4 for one of versions 1 to 3. A state of another app version keeps what it
 * holds.
 */
export function migrateUpload(stored: unknown): Upload {
  const { fields, completing = false, answer, ...rest } = stored as StoredUpload;
  const { session, wait, code } = rest;
  const record = {
    ...rest,
    metadata: createMetadata(fields),
    mayHaveCompleted: completing,
    session: session && migrateSession(session),
    ...(wait?.reason === 'carrier' && { wait: { ...wait, reason: 'background-fetch' } }),
    ...(answer !== undefined && { batch: answer }),
    ...(code !== undefined && { code: ERROR_CODES[code] ?? code }),
  };
  return record as unknown as Upload;
}

function migrateSession({ uploadId, ticket }: NonNullable<StoredUpload['session']>): RemoteSession {
  return { id: uploadId, ...(ticket !== undefined && { data: { ticket } }) };
}

/** A setting of version 4. */
interface Setting {
  readonly key: string;
  readonly value: unknown;
}

const SETTING_KEYS: Readonly<Record<string, string>> = {
  token: 'credentials',
  'last user': 'lastUserId',
  carrier: 'backgroundFetchMode',
  'not on mobile data': 'pauseOnCellular',
  strides: 'fetchStalls',
  tidings: 'notificationTexts',
  told: 'notifiedIds',
  'removed due': 'overdueRemovedAt',
};

/**
 * The setting of version 4 for one of versions 1 to 3. Settings under other keys stay as they are.
 */
export function migrateSetting(oldKey: string, value: unknown): Setting {
  if (oldKey.startsWith('learned ')) {
    const names = { strict: 'rejectsExtraFields', silent: 'listsNothing', mostBytes: 'maxChunkBytes' };
    return { key: oldKey.replace('learned ', 'serverProfile:'), value: renameKeys(value, names) };
  }
  return { key: SETTING_KEYS[oldKey] ?? oldKey, value: migrateValue(oldKey, value) };
}

function migrateValue(oldKey: string, value: unknown): unknown {
  switch (oldKey) {
    case 'token':
      return renameKeys(value, { token: 'accessToken' });
    case 'tidings':
      return renameKeys(value, { arrived: 'uploaded' });
    case 'strides': {
      const names = { lookedAt: 'checkedAt', stoodMs: 'stalledMs' };
      return Object.fromEntries(Object.entries(value ?? {}).map(([id, stride]) => [id, renameKeys(stride, names)]));
    }
    default:
      return value;
  }
}

/** A copy with some keys renamed. Values that are no objects stay as they are. */
function renameKeys(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [names[key] ?? key, inner]));
}
