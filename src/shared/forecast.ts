import { type Abilities, type Stretch, stretchesAfterClose } from './budgets.ts';
import { isStaged, type Upload } from './upload.ts';

/** What the user has to do before an upload goes on. */
export type Need = 'sign-in' | 'file' | 'unconfirmed' | 'resume' | 'retry';

/** What becomes of an upload, or of all, if every page of the app is closed now and the browser runs on; times in ms. */
export type Closing =
  /** It has arrived, or was cancelled. */
  | { readonly kind: 'nothing-left' }
  /** Still being copied into the browser: closing stops that. */
  | { readonly kind: 'copying' }
  /** It stands still until the user does something, closed or not. */
  | { readonly kind: 'waits'; readonly need: Need }
  /** Offline; `byItself` when an alarm is registered that fires when the network is back. */
  | { readonly kind: 'network'; readonly byItself: boolean }
  /** The browser itself sends it (Background Fetch); null while the rate is not known. */
  | { readonly kind: 'handed-over'; readonly leftMs: number | null }
  | { readonly kind: 'finishes'; readonly inMs: number }
  /** Sent for `forMs` in all, within `withinMs`; the rest at the next visit, or the browser's next start where an alarm is left. */
  | { readonly kind: 'goes-on'; readonly forMs: number; readonly withinMs: number; readonly alarm: boolean }
  /** As `goes-on`, but nothing is measured yet: it may also finish in that time. */
  | { readonly kind: 'unmeasured'; readonly forMs: number; readonly withinMs: number; readonly alarm: boolean };

/** What the forecast of a whole queue is about. */
export interface QueueClosing {
  readonly closing: Closing;
  /** How many uploads it speaks of. */
  readonly uploads: number;
  /** How many stand still until the user does something. */
  readonly waiting: number;
  /** How many the browser itself sends beside those it speaks of: it finishes them whatever becomes of these. */
  readonly carried: number;
}

/** What the future of an upload hangs on beside its record. */
export interface Outlook {
  readonly abilities: Abilities;
  readonly online: boolean;
  /** Alarms registered with the browser. */
  readonly alarms: number;
  /** The uploads whose files a tab copies; the record of a paused one does not tell that. */
  readonly copying: ReadonlySet<string>;
  /** Bytes per second over all uploads that the worker sends; null while nothing is measured. */
  readonly rateBytesPerSecond: number | null;
  /** The same of what the browser itself sends (Background Fetch): what the worker measured is from before, and of other requests. */
  readonly carrierBytesPerSecond: number | null;
}

/** An upload with the bytes that the server has not acknowledged. */
export interface Remaining {
  readonly upload: Upload;
  readonly leftBytes: number;
}

/** The forecast of each upload, by id; they are sent in this order over the same link. */
export function forecast(queue: readonly Remaining[], outlook: Outlook): Map<string, Closing> {
  const closings = new Map<string, Closing>();
  let sendBytes = 0;
  let carrierBytes = 0;
  for (const { upload, leftBytes } of queue) {
    const fate = fateOf(upload, outlook);
    if (fate.kind === 'sends') sendBytes += leftBytes;
    if (fate.kind === 'carried') carrierBytes += leftBytes;
    closings.set(upload.id, closingOf(fate, { sendBytes, carrierBytes }, outlook));
  }
  return closings;
}

/**
 * The forecast of the whole queue: of what closing would stop if there is such a thing, else of what is under way, else of
 * what waits.
 */
export function forecastQueue(queue: readonly Remaining[], outlook: Outlook): QueueClosing {
  const all = [...forecast(queue, outlook).values()];
  const open = all.filter(({ kind }) => kind !== 'nothing-left');
  const waiting = open.filter(({ kind }) => kind === 'waits').length;
  const carried = open.filter(({ kind }) => kind === 'handed-over').length;
  const isCopying = open.some(({ kind }) => kind === 'copying');
  const about = open.filter(({ kind }) =>
    isCopying ? kind === 'copying' : waiting === open.length || kind !== 'waits',
  );
  const own = about.filter(({ kind }) => kind !== 'handed-over');
  const spoken = own.length > 0 ? own : about;
  // They are sent in order, so the last one's forecast is that of all.
  const closing = spoken.at(-1) ?? { kind: 'nothing-left' };
  return { closing, uploads: spoken.length, waiting, carried: closing.kind === 'handed-over' ? 0 : carried };
}

type Fate =
  | { readonly kind: 'sends' }
  | { readonly kind: 'carried' }
  | (Closing & { kind: 'nothing-left' | 'copying' | 'waits' });

function fateOf(upload: Upload, { copying }: Outlook): Fate {
  switch (upload.status) {
    case 'completed':
    case 'cancelled':
      return { kind: 'nothing-left' };
    case 'failed':
      return { kind: 'waits', need: 'retry' };
    case 'paused':
      return copying.has(upload.id) && !isStaged(upload) ? { kind: 'copying' } : { kind: 'waits', need: 'resume' };
    case 'waiting':
      return fateOfWait(upload);
    default:
      return isStaged(upload) ? { kind: 'sends' } : { kind: 'copying' };
  }
}

function fateOfWait(upload: Upload & { status: 'waiting' }): Fate {
  switch (upload.wait.reason) {
    case 'network':
    case 'backoff':
      return isStaged(upload) ? { kind: 'sends' } : { kind: 'copying' };
    case 'carrier':
      return { kind: 'carried' };
    case 'sign-in':
      return isStaged(upload) ? { kind: 'waits', need: 'sign-in' } : { kind: 'copying' };
    default:
      return { kind: 'waits', need: upload.wait.reason };
  }
}

function closingOf(fate: Fate, sums: { sendBytes: number; carrierBytes: number }, outlook: Outlook): Closing {
  const { rateBytesPerSecond: rate } = outlook;
  if (fate.kind === 'carried') {
    const carrierRate = outlook.carrierBytesPerSecond ?? rate;
    return { kind: 'handed-over', leftMs: carrierRate === null ? null : (sums.carrierBytes / carrierRate) * 1000 };
  }
  if (fate.kind !== 'sends') return fate;
  const alarm = outlook.alarms > 0;
  if (!outlook.online) return { kind: 'network', byItself: alarm };
  const stretches = stretchesAfterClose(outlook.abilities, outlook.alarms);
  const forMs = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  const withinMs = stretches.at(-1)?.to ?? 0;
  if (rate === null) return { kind: 'unmeasured', forMs, withinMs, alarm };
  const inMs = endOf((sums.sendBytes / rate) * 1000, stretches);
  return inMs === null ? { kind: 'goes-on', forMs, withinMs, alarm } : { kind: 'finishes', inMs };
}

/** When work of this length ends that is done in these stretches only; null when it outlasts them. */
function endOf(workMs: number, stretches: readonly Stretch[]): number | null {
  let leftMs = workMs;
  for (const { from, to } of stretches) {
    if (leftMs <= to - from) return from + leftMs;
    leftMs -= to - from;
  }
  return null;
}
