import { isStaged, type Upload } from './upload.ts';
import { type BrowserSupport, getRunSpansAfterClose, type TimeSpan } from './worker-lifetime.ts';

/** What the user has to do before an upload goes on. */
export type RequiredAction = 'sign-in' | 'file' | 'unconfirmed' | 'resume' | 'retry';

/** What becomes of an upload, or of all, if every page of the app is closed now and the browser runs on; times in ms. */
export type CloseForecast =
  /** It has arrived, or was cancelled. */
  | { readonly kind: 'nothing-left' }
  /** Still being copied into the browser: closing stops that. */
  | { readonly kind: 'staging' }
  /** It stands still until the user does something, closed or not. */
  | { readonly kind: 'needs-action'; readonly action: RequiredAction }
  /** Offline; `byItself` when an alarm is registered that fires when the network is back. */
  | { readonly kind: 'network'; readonly resumesAutomatically: boolean }
  /** The browser itself sends it (Background Fetch); null while the rate is not known. */
  | { readonly kind: 'background-fetch'; readonly leftMs: number | null }
  | { readonly kind: 'finishes'; readonly inMs: number }
  /** Sent for `forMs` in all, within `withinMs`; the rest at the next visit, or the browser's next start where an alarm is left. */
  | { readonly kind: 'continues'; readonly forMs: number; readonly withinMs: number; readonly syncRegistered: boolean }
  /** As `goes-on`, but nothing is measured yet: it may also finish in that time. */
  | {
      readonly kind: 'unmeasured';
      readonly forMs: number;
      readonly withinMs: number;
      readonly syncRegistered: boolean;
    };

/** What the forecast of a whole queue is about. */
export interface QueueCloseForecast {
  readonly forecast: CloseForecast;
  /** How many uploads it speaks of. */
  readonly uploadCount: number;
  /** How many stand still until the user does something. */
  readonly waitingCount: number;
  /** How many the browser itself sends beside those it speaks of: it finishes them whatever becomes of these. */
  readonly backgroundFetchCount: number;
}

/** What the future of an upload hangs on beside its record. */
export interface Conditions {
  readonly browserSupport: BrowserSupport;
  readonly online: boolean;
  /** Alarms registered with the browser. */
  readonly syncRegistrations: number;
  /** The uploads whose files a tab copies; the record of a paused one does not tell that. */
  readonly stagingIds: ReadonlySet<string>;
  /** Bytes per second over all uploads that the worker sends; null while nothing is measured. */
  readonly rateBytesPerSecond: number | null;
  /** The same of what the browser itself sends (Background Fetch): what the worker measured is from before, and of other requests. */
  readonly backgroundFetchBytesPerSecond: number | null;
}

/** An upload with the bytes that the server has not acknowledged. */
export interface RemainingUpload {
  readonly upload: Upload;
  readonly leftBytes: number;
}

/** The forecast of each upload, by id; they are sent in this order over the same link. */
export function forecastUploads(queue: readonly RemainingUpload[], outlook: Conditions): Map<string, CloseForecast> {
  const closings = new Map<string, CloseForecast>();
  let sendBytes = 0;
  let carrierBytes = 0;
  for (const { upload, leftBytes } of queue) {
    const fate = classifyUpload(upload, outlook);
    if (fate.kind === 'sends') sendBytes += leftBytes;
    if (fate.kind === 'carried') carrierBytes += leftBytes;
    closings.set(upload.id, createForecast(fate, { sendBytes, carrierBytes }, outlook));
  }
  return closings;
}

/**
 * The forecast of the whole queue: of what closing would stop if there is such a thing, else of what is under way, else of
 * what waits.
 */
export function forecastQueue(queue: readonly RemainingUpload[], outlook: Conditions): QueueCloseForecast {
  const all = [...forecastUploads(queue, outlook).values()];
  const open = all.filter(({ kind }) => kind !== 'nothing-left');
  const waiting = open.filter(({ kind }) => kind === 'needs-action').length;
  const carried = open.filter(({ kind }) => kind === 'background-fetch').length;
  const isCopying = open.some(({ kind }) => kind === 'staging');
  const about = open.filter(({ kind }) =>
    isCopying ? kind === 'staging' : waiting === open.length || kind !== 'needs-action',
  );
  const own = about.filter(({ kind }) => kind !== 'background-fetch');
  const spoken = own.length > 0 ? own : about;
  // They are sent in order, so the last one's forecast is that of all.
  const closing = spoken.at(-1) ?? { kind: 'nothing-left' };
  return {
    forecast: closing,
    uploadCount: spoken.length,
    waitingCount: waiting,
    backgroundFetchCount: closing.kind === 'background-fetch' ? 0 : carried,
  };
}

type CloseState =
  | { readonly kind: 'sends' }
  | { readonly kind: 'carried' }
  | (CloseForecast & { kind: 'nothing-left' | 'staging' | 'needs-action' });

function classifyUpload(upload: Upload, { stagingIds: copying }: Conditions): CloseState {
  switch (upload.status) {
    case 'completed':
    case 'cancelled':
      return { kind: 'nothing-left' };
    case 'failed':
      return { kind: 'needs-action', action: 'retry' };
    case 'paused':
      return copying.has(upload.id) && !isStaged(upload)
        ? { kind: 'staging' }
        : { kind: 'needs-action', action: 'resume' };
    case 'waiting':
      return classifyWaiting(upload);
    default:
      return isStaged(upload) ? { kind: 'sends' } : { kind: 'staging' };
  }
}

function classifyWaiting(upload: Upload & { status: 'waiting' }): CloseState {
  switch (upload.wait.reason) {
    case 'network':
    case 'backoff':
      return isStaged(upload) ? { kind: 'sends' } : { kind: 'staging' };
    case 'background-fetch':
      return { kind: 'carried' };
    case 'sign-in':
      return isStaged(upload) ? { kind: 'needs-action', action: 'sign-in' } : { kind: 'staging' };
    default:
      return { kind: 'needs-action', action: upload.wait.reason };
  }
}

function createForecast(
  fate: CloseState,
  sums: { sendBytes: number; carrierBytes: number },
  outlook: Conditions,
): CloseForecast {
  const { rateBytesPerSecond: rate } = outlook;
  if (fate.kind === 'carried') {
    const carrierRate = outlook.backgroundFetchBytesPerSecond ?? rate;
    return { kind: 'background-fetch', leftMs: carrierRate === null ? null : (sums.carrierBytes / carrierRate) * 1000 };
  }
  if (fate.kind !== 'sends') return fate;
  const alarm = outlook.syncRegistrations > 0;
  if (!outlook.online) return { kind: 'network', resumesAutomatically: alarm };
  const stretches = getRunSpansAfterClose(outlook.browserSupport, outlook.syncRegistrations);
  const forMs = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  const withinMs = stretches.at(-1)?.to ?? 0;
  if (rate === null) return { kind: 'unmeasured', forMs, withinMs, syncRegistered: alarm };
  const inMs = getFinishMs((sums.sendBytes / rate) * 1000, stretches);
  return inMs === null ? { kind: 'continues', forMs, withinMs, syncRegistered: alarm } : { kind: 'finishes', inMs };
}

/** When work of this length ends that is done in these stretches only; null when it outlasts them. */
function getFinishMs(workMs: number, stretches: readonly TimeSpan[]): number | null {
  let leftMs = workMs;
  for (const { from, to } of stretches) {
    if (leftMs <= to - from) return from + leftMs;
    leftMs -= to - from;
  }
  return null;
}
