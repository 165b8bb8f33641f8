import {
  type BackgroundFetchManager,
  type BackgroundFetchUIOptions,
  canStartBackgroundFetch,
  createAssignTransition,
  createReleaseTransition,
  getBackgroundFetchId,
  getStartLockName,
} from '../../shared/background-fetch.ts';
import { cut } from '../../shared/chunks.ts';
import type { Transition, UploadsDb } from '../../shared/db/uploads-db.ts';
import { UploadError } from '../../shared/errors.ts';
import { getCapabilities } from '../../shared/http/features.ts';
import { createStandaloneRequest } from '../../shared/http/requests.ts';
import { Digester } from '../../shared/staging/digester.ts';
import { getByteRange } from '../../shared/staging/staged-bytes.ts';
import type { Upload } from '../../shared/upload.ts';

/** What handing over needs of the page. */
export interface StartDependencies {
  readonly db: UploadsDb;
  /** Tells the worker and the listeners that a record was changed. */
  readonly onChange: (id: string) => Promise<void>;
  /** Resolves when the worker sends nothing more of what was handed over to this Background Fetch. */
  readonly release: (fetchId: string) => Promise<void>;
  /** What the browser shows of a Background Fetch that carries these. */
  readonly getUiOptions: (uploads: readonly Upload[]) => BackgroundFetchUIOptions;
}

/** An upload with a request for each chunk that was open when it was read, by index. */
interface PreparedUpload {
  readonly upload: Upload;
  readonly requests: ReadonlyMap<number, Request>;
}

/**
 * Hands uploads over to one Background Fetch. The requests are made while the worker still sends, because digests take their
 * time. Then the record comes first, the driver lets go, and the fetch starts with what is still open: a page that dies in
 * between leaves a record without a fetch, which the next wake gives back.
 *
 * @param signal stops the making of requests; after that it goes through.
 * @throws UploadError `hand_over_refused` when the browser does not start it, or nothing is left to hand over.
 */
export async function startBackgroundFetch(
  hands: StartDependencies,
  carrier: BackgroundFetchManager,
  ids: readonly string[],
  signal: AbortSignal,
) {
  const fetchId = crypto.randomUUID();
  const loads = await prepareUploads(hands.db, ids, signal);
  if (signal.aborted) return;
  await navigator.locks.request(getStartLockName(fetchId), async () => {
    try {
      // The worker hears of all of them at once: told of one after the other it would begin with each next one, in vain.
      for (const { upload } of loads)
        await hands.db.update(upload.id, createAssignTransition(fetchId, upload.generation));
      await hands.release(fetchId);
      const open = await keepUnacknowledged(hands, fetchId, loads);
      const requests = open.flatMap((load) => [...load.requests.values()]);
      await carrier.fetch(fetchId, requests, hands.getUiOptions(open.map(({ upload }) => upload)));
    } catch (cause) {
      for (const id of ids) await updateAndAnnounce(hands, id, createReleaseTransition(fetchId));
      const message = 'The browser did not take it over. It goes on here as before.';
      throw new UploadError('background_fetch_refused', message, { cause });
    }
  });
  // Only now there is something to follow.
  for (const id of ids) await hands.onChange(id);
}

async function updateAndAnnounce(
  { db, onChange: told }: StartDependencies,
  id: string,
  step: Transition,
): Promise<void> {
  await db.update(id, step);
  await told(id);
}

async function prepareUploads(db: UploadsDb, ids: readonly string[], signal: AbortSignal): Promise<PreparedUpload[]> {
  const loads: PreparedUpload[] = [];
  const digester = new Digester();
  for (const id of ids) {
    const upload = await db.get(id);
    if (upload && canStartBackgroundFetch(upload))
      loads.push({ upload, requests: await createRequests(db, upload, digester, signal) });
  }
  return loads;
}

async function createRequests(db: UploadsDb, upload: Upload, digester: Digester, signal: AbortSignal) {
  const requests = new Map<number, Request>();
  const endpoint = await db.settings.getEndpoint();
  if (!endpoint) return requests;
  const { plan, sizeBytes } = upload;
  const chunks = plan ? cut(sizeBytes, plan) : [];
  const acknowledged = await readAcknowledged(db, upload);
  const profile = await db.settings.getServerProfile(endpoint.uploads);
  const usesDigests = endpoint.digests && getCapabilities(profile).digest !== null;
  for (const chunk of chunks.filter(({ index }) => !acknowledged.has(index))) {
    if (signal.aborted) break;
    const bytes = await getByteRange(db, upload, chunk.start, chunk.end);
    const sha256 = usesDigests ? await digester.sha256(bytes) : null;
    const request = { upload, chunk, chunksTotal: chunks.length, bytes, sha256 };
    requests.set(chunk.index, createStandaloneRequest(endpoint.uploads, request, profile));
  }
  return requests;
}

/** What the worker has not sent meanwhile; an upload of which it has sent everything is given back. */
async function keepUnacknowledged(
  hands: StartDependencies,
  fetchId: string,
  loads: readonly PreparedUpload[],
): Promise<PreparedUpload[]> {
  const open: PreparedUpload[] = [];
  for (const { upload, requests } of loads) {
    const now = await hands.db.get(upload.id);
    if (!now || getBackgroundFetchId(now) !== fetchId) continue;
    const done = await readAcknowledged(hands.db, upload);
    const left = new Map([...requests].filter(([index]) => !done.has(index)));
    if (left.size > 0) open.push({ upload, requests: left });
    else await updateAndAnnounce(hands, upload.id, createReleaseTransition(fetchId));
  }
  return open;
}

async function readAcknowledged(db: UploadsDb, { id, generation }: Upload): Promise<ReadonlySet<number>> {
  return new Set((await db.receipts(id, generation)).map(({ index }) => index));
}
