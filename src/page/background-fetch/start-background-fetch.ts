import {
  type BackgroundFetchManager,
  type BackgroundFetchUIOptions,
  canStartBackgroundFetch,
  createAssignTransition,
  createReturnTransition,
  getBackgroundFetchId,
  getStartLockName,
} from '../../shared/background-fetch.ts';
import { cut } from '../../shared/chunks.ts';
import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import { hasEqualJson } from '../../shared/equal-json.ts';
import { UploadError } from '../../shared/errors.ts';
import { getCapabilities } from '../../shared/http/features.ts';
import { readFileList } from '../../shared/http/file-list.ts';
import { createStandaloneRequest } from '../../shared/http/requests.ts';
import { Digester } from '../../shared/staging/digester.ts';
import { getByteRange } from '../../shared/staging/staged-bytes.ts';
import type { Upload } from '../../shared/upload.ts';
import type { Announce } from '../announce.ts';

/** The dependencies of `startBackgroundFetch`. */
export interface StartDependencies {
  readonly db: UploadsDb;
  readonly announce: Announce;
  /** Resolves when the worker sends nothing more of the uploads in this Background Fetch. */
  readonly release: (fetchId: string) => Promise<void>;
  /** Title and icons that the browser shows of a Background Fetch with these uploads. */
  readonly getUiOptions: (uploads: readonly Upload[]) => BackgroundFetchUIOptions;
}

/** An upload with a request for each unacknowledged chunk, by index. */
interface PreparedUpload {
  readonly upload: Upload;
  readonly requests: ReadonlyMap<number, Request>;
}

/**
 * Starts one Background Fetch of these uploads, in this order:
 *
 * 1. The requests are created while the worker still sends, because digests take time.
 * 2. The records are assigned to the fetch. If the page is closed now, the next wake of the worker
 *    returns them to the driver.
 * 3. The worker stops sending them.
 * 4. The fetch starts with the chunks that are still unacknowledged.
 *
 * @param signal cancels step 1, not the later ones.
 * @throws UploadError `background_fetch_refused` if the browser does not start it, or no chunk is
 * left to send.
 */
export async function startBackgroundFetch(
  dependencies: StartDependencies,
  manager: BackgroundFetchManager,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { db, release, getUiOptions } = dependencies;
  const fetchId = crypto.randomUUID();
  const prepared = await prepareUploads(db, ids, signal);
  if (signal.aborted) return;
  await navigator.locks.request(getStartLockName(fetchId), async () => {
    try {
      // Announced after the start: a notice for each upload would make the worker start the next
      // one.
      for (const { upload } of prepared) {
        await db.update(upload.id, createAssignTransition(fetchId, upload.generation));
      }
      await release(fetchId);
      const open = await keepUnacknowledged(dependencies, fetchId, prepared);
      const requests = open.flatMap((one) => [...one.requests.values()]);
      await manager.fetch(fetchId, requests, getUiOptions(open.map(({ upload }) => upload)));
    } catch (cause) {
      for (const id of ids) await returnUpload(dependencies, id, fetchId);
      const message = 'Could not move it to the background. It continues here.';
      throw new UploadError('background_fetch_refused', message, { cause });
    }
  });
  // After the start, because listeners follow the fetch.
  for (const id of ids) await dependencies.announce(id, await db.get(id));
}

async function returnUpload({ db, announce }: StartDependencies, id: string, fetchId: string): Promise<void> {
  await announce(id, await db.update(id, createReturnTransition(fetchId)));
}

async function prepareUploads(db: UploadsDb, ids: readonly string[], signal: AbortSignal): Promise<PreparedUpload[]> {
  const prepared: PreparedUpload[] = [];
  const digester = new Digester();
  for (const id of ids) {
    const upload = await db.get(id);
    if (!upload || !canStartBackgroundFetch(upload)) continue;
    prepared.push({ upload, requests: await createRequests(db, upload, digester, signal) });
  }
  return prepared;
}

async function createRequests(db: UploadsDb, upload: Upload, digester: Digester, signal?: AbortSignal) {
  const requests = new Map<number, Request>();
  const endpoint = await db.settings.getEndpoint();
  if (!endpoint) return requests;
  const { plan, sizeBytes } = upload;
  const chunks = plan ? cut(sizeBytes, plan) : [];
  const acknowledged = await readAcknowledged(db, upload);
  const profile = await db.settings.getServerProfile(endpoint.uploads);
  const usesDigests = endpoint.digests && getCapabilities(profile).digest !== null;
  for (const chunk of chunks.filter(({ index }) => !acknowledged.has(index))) {
    if (signal?.aborted) break;
    const bytes = await getByteRange(db, upload, chunk.start, chunk.end);
    const sha256 = usesDigests ? await digester.sha256(bytes) : null;
    const fileList = await readFileList(db, upload, chunk);
    const request = { upload, chunk, chunksTotal: chunks.length, bytes, sha256, continues: null, fileList };
    requests.set(chunk.index, createStandaloneRequest(endpoint.uploads, request, profile));
  }
  return requests;
}

/**
 * Drops the chunks that the worker has sent meanwhile, and returns uploads without a chunk left to
 * the worker.
 */
async function keepUnacknowledged(
  dependencies: StartDependencies,
  fetchId: string,
  prepared: readonly PreparedUpload[],
): Promise<PreparedUpload[]> {
  const { db } = dependencies;
  const open: PreparedUpload[] = [];
  for (const { upload, requests } of prepared) {
    const now = await db.get(upload.id);
    if (!now || getBackgroundFetchId(now) !== fetchId) continue;
    const acknowledged = await readAcknowledged(db, upload);
    // The worker may have changed the sizes of the chunks that it had not sent.
    const hasSamePlan = hasEqualJson(now.plan, upload.plan);
    const current = hasSamePlan ? requests : await createRequests(db, now, new Digester());
    const left = new Map([...current].filter(([index]) => !acknowledged.has(index)));
    if (left.size > 0) open.push({ upload: now, requests: left });
    else await returnUpload(dependencies, upload.id, fetchId);
  }
  return open;
}

async function readAcknowledged(db: UploadsDb, { id, generation }: Upload): Promise<ReadonlySet<number>> {
  return new Set(await db.listAcknowledged(id, generation));
}
