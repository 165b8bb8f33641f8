import { bytesOf } from '../shared/bytes.ts';
import {
  type Carrier,
  type CarrierLook,
  canCarry,
  carrierLock,
  fetchIdOf,
  giveBackStep,
  handOverStep,
  placedUrl,
} from '../shared/carrier.ts';
import { cut } from '../shared/chunks.ts';
import { Digester } from '../shared/digester.ts';
import { UploadError } from '../shared/errors.ts';
import { CHUNK_PATH, chunkForm, speaks } from '../shared/requests.ts';
import type { Upload } from '../shared/upload.ts';
import type { Step, UploadsDb } from '../shared/uploads-db.ts';

/** What handing over needs of the page. */
export interface Hands {
  readonly db: UploadsDb;
  /** Tells the worker and the listeners that a record was changed. */
  readonly told: (id: string) => Promise<void>;
  /** Resolves when the worker sends nothing more of what was handed over to this Background Fetch. */
  readonly letGo: (fetchId: string) => Promise<void>;
  /** What the browser shows of a Background Fetch that carries these. */
  readonly look: (uploads: readonly Upload[]) => CarrierLook;
}

/** An upload with a request for each chunk that was open when it was read, by index. */
interface Load {
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
export async function handOver(hands: Hands, carrier: Carrier, ids: readonly string[], signal: AbortSignal) {
  const fetchId = crypto.randomUUID();
  const loads = await loadsOf(hands.db, ids, signal);
  if (signal.aborted) return;
  await navigator.locks.request(carrierLock(fetchId), async () => {
    try {
      // The worker hears of all of them at once: told of one after the other it would begin with each next one, in vain.
      for (const { upload } of loads) await hands.db.change(upload.id, handOverStep(fetchId, upload.generation));
      await hands.letGo(fetchId);
      const open = await stillOpen(hands, fetchId, loads);
      const requests = open.flatMap((load) => [...load.requests.values()]);
      await carrier.fetch(fetchId, requests, hands.look(open.map(({ upload }) => upload)));
    } catch (cause) {
      for (const id of ids) await change(hands, id, giveBackStep(fetchId));
      const message = 'The browser did not take it over. It goes on here as before.';
      throw new UploadError('hand_over_refused', message, { cause });
    }
  });
  // Only now there is something to follow.
  for (const id of ids) await hands.told(id);
}

async function change({ db, told }: Hands, id: string, step: Step): Promise<void> {
  await db.change(id, step);
  await told(id);
}

async function loadsOf(db: UploadsDb, ids: readonly string[], signal: AbortSignal): Promise<Load[]> {
  const loads: Load[] = [];
  const digester = new Digester();
  for (const id of ids) {
    const upload = await db.get(id);
    if (upload && canCarry(upload)) loads.push({ upload, requests: await requestsOf(db, upload, digester, signal) });
  }
  return loads;
}

async function requestsOf(db: UploadsDb, upload: Upload, digester: Digester, signal: AbortSignal) {
  const requests = new Map<number, Request>();
  const endpoint = await db.settings.endpoint();
  if (!endpoint) return requests;
  const { id: uploadId, generation, plan, sizeBytes } = upload;
  const chunks = plan ? cut(sizeBytes, plan) : [];
  const done = await doneOf(db, upload);
  const speak = speaks(await db.settings.learned(endpoint.uploads));
  const checksDigests = endpoint.digests && speak('chunk_sha256');
  for (const chunk of chunks.filter(({ index }) => !done.has(index))) {
    if (signal.aborted) break;
    const bytes = await bytesOf(db, upload, chunk.start, chunk.end);
    const sha256 = checksDigests ? await digester.sha256(bytes) : null;
    const body = chunkForm({ upload, chunk, chunksTotal: chunks.length, bytes, sha256 }, speak);
    const url = placedUrl(`${endpoint.uploads}${CHUNK_PATH}`, {
      uploadId,
      generation,
      index: chunk.index,
      sizeBytes: bytes.size,
    });
    // No token: it would run out on the way, and the ticket in the form outlives it. A redirect would carry that to a place
    // nobody configured.
    requests.set(chunk.index, new Request(url, { method: 'POST', body, redirect: 'error' }));
  }
  return requests;
}

/** What the worker has not sent meanwhile; an upload of which it has sent everything is given back. */
async function stillOpen(hands: Hands, fetchId: string, loads: readonly Load[]): Promise<Load[]> {
  const open: Load[] = [];
  for (const { upload, requests } of loads) {
    const now = await hands.db.get(upload.id);
    if (!now || fetchIdOf(now) !== fetchId) continue;
    const done = await doneOf(hands.db, upload);
    const left = new Map([...requests].filter(([index]) => !done.has(index)));
    if (left.size > 0) open.push({ upload, requests: left });
    else await change(hands, upload.id, giveBackStep(fetchId));
  }
  return open;
}

async function doneOf(db: UploadsDb, { id, generation }: Upload): Promise<ReadonlySet<number>> {
  return new Set((await db.receipts(id, generation)).map(({ index }) => index));
}
