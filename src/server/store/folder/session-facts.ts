import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { PartialsUpdate, Session } from '../upload-store.ts';
import { makeFolder, writeJson } from './atomic-fs.ts';
import { legacyEntries, readLegacyMetadata } from './legacy-metadata.ts';
import { DamagedError, readStored, VERSION, versionEntry } from './stored-json.ts';

const FACTS = 'session.json';
const DETAILS = 'details.json';
/** The name of the details in earlier versions. */
const LEGACY_DETAILS = 'told.json';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const metadata = v.record(v.string(), v.string());
const fileSize = v.nullable(count);

/** The content of `session.json`, written with the first chunk. */
const factsSchema = v.object({
  ...versionEntry,
  ...legacyEntries,
  id: v.string(),
  ownerId: v.string(),
  key: v.nullable(v.string()),
  generation: count,
  totalChunks: count,
  filename: v.string(),
  uploadType: v.string(),
  // Missing in earlier versions.
  fileCount: v.optional(v.nullable(count), null),
  metadata: v.optional(metadata),
  fileSize: v.optional(fileSize),
});

/** The content of `details.json`. Any chunk may change it. */
const detailsSchema = v.object({ ...versionEntry, metadata, fileSize });
const legacyDetailsSchema = v.object({ ...legacyEntries, fileSize: v.optional(fileSize) });

/** A session without its bytes. */
type SessionFacts = Omit<Session, 'fileList' | 'chunks' | 'partials'>;

type SessionDetails = Pick<Session, 'metadata' | 'fileSize'>;

/**
 * Reads the facts of a session from its folder.
 *
 * @returns null for a folder whose session was never acknowledged.
 * @throws DamagedError when the folder is not that of this session.
 */
export async function readFacts(id: string, folder: string): Promise<SessionFacts | null> {
  const facts = await readStored(join(folder, FACTS), factsSchema);
  if (!facts) {
    // The facts come first: nothing else is in a folder without them.
    const others = (await readdir(folder)).filter((name) => name !== `${FACTS}.tmp`);
    if (others.length > 0) throw new DamagedError(`${FACTS} is missing`);
    return null;
  }
  if (facts.id !== id) throw new DamagedError(`${FACTS} names another session`);
  const { ownerId, key, generation, totalChunks, filename, uploadType, fileCount } = facts;
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
    if (hasSameDetails(session, previous)) return;
    return writeJson(join(folder, DETAILS), { version: VERSION, ...toDetails(session) });
  }
  const { id, ownerId, key, generation, totalChunks, filename, uploadType, fileCount } = session;
  const plan = { generation, totalChunks, filename, uploadType, fileCount };
  await makeFolder(folder);
  await writeJson(join(folder, FACTS), { version: VERSION, id, ownerId, key, ...plan, ...toDetails(session) });
}

/** Later details win over those of the first chunk. */
async function readDetails(facts: v.InferOutput<typeof factsSchema>, folder: string): Promise<SessionDetails> {
  const details = await readStored(join(folder, DETAILS), detailsSchema);
  if (details) return toDetails(details);
  if (facts.metadata) return { metadata: facts.metadata, fileSize: facts.fileSize ?? null };
  const legacy = await readStored(join(folder, LEGACY_DETAILS), legacyDetailsSchema);
  return { metadata: readLegacyMetadata({ ...facts, ...legacy }), fileSize: legacy?.fileSize ?? null };
}

function hasSameDetails(a: SessionDetails, b: SessionDetails): boolean {
  return JSON.stringify(toDetails(a)) === JSON.stringify(toDetails(b));
}

function toDetails({ metadata, fileSize }: SessionDetails): SessionDetails {
  return { metadata, fileSize };
}
