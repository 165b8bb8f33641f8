import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartialsUpdate, Session } from '../upload-store.ts';
import { makeFolder, readJson, writeJson } from './atomic-fs.ts';
import { type LegacyFields, readLegacyMetadata } from './legacy-metadata.ts';

const FACTS = 'session.json';
const DETAILS = 'details.json';
/** The name of the details in earlier versions. */
const LEGACY_DETAILS = 'told.json';

/** A session without its bytes. */
type SessionFacts = Omit<Session, 'fileList' | 'chunks' | 'partials'>;

/** Any chunk may change these. */
type SessionDetails = Pick<Session, 'metadata' | 'fileSize'>;

/** The content of `session.json`, written with the first chunk. */
type StoredFacts = Omit<SessionFacts, 'metadata' | 'fileSize' | 'fileCount' | 'touchedAt'> &
  // Missing in earlier versions.
  Partial<Pick<Session, 'fileCount'>> &
  Partial<SessionDetails> &
  LegacyFields;

type LegacyDetails = LegacyFields & { readonly fileSize?: number | null };

/**
 * Reads the facts of a session from its folder.
 *
 * @returns null for a folder whose session was never acknowledged.
 */
export async function readFacts(id: string, folder: string): Promise<SessionFacts | null> {
  const facts = (await readJson(join(folder, FACTS))) as StoredFacts | null;
  if (!facts) return null;
  const { ownerId, key, generation, totalChunks, filename, uploadType, fileCount = null } = facts;
  const details = await readDetails(facts, folder);
  const { mtimeMs: touchedAt } = await stat(folder);
  return { id, ownerId, key, generation, totalChunks, filename, uploadType, fileCount, ...details, touchedAt };
}

/** Writes what has changed of the facts of a session. Creates the folder of a new session. */
export async function writeFacts(
  session: PartialsUpdate['session'],
  previous: Session | undefined,
  folder: string,
): Promise<void> {
  if (previous) {
    if (!hasSameDetails(session, previous)) await writeJson(join(folder, DETAILS), toDetails(session));
    return;
  }
  const { id, ownerId, key, generation, totalChunks, filename, uploadType, fileCount } = session;
  const plan = { generation, totalChunks, filename, uploadType, fileCount };
  await makeFolder(folder);
  await writeJson(join(folder, FACTS), { id, ownerId, key, ...plan, ...toDetails(session) });
}

/** Later details win over those of the first chunk. */
async function readDetails(facts: StoredFacts, folder: string): Promise<SessionDetails> {
  const details = (await readJson(join(folder, DETAILS))) as SessionDetails | null;
  if (details) return details;
  if (facts.metadata) return { metadata: facts.metadata, fileSize: facts.fileSize ?? null };
  const legacy = (await readJson(join(folder, LEGACY_DETAILS))) as LegacyDetails | null;
  return { metadata: readLegacyMetadata({ ...facts, ...legacy }), fileSize: legacy?.fileSize ?? null };
}

function hasSameDetails(a: SessionDetails, b: SessionDetails): boolean {
  return JSON.stringify(toDetails(a)) === JSON.stringify(toDetails(b));
}

function toDetails({ metadata, fileSize }: SessionDetails): SessionDetails {
  return { metadata, fileSize };
}
