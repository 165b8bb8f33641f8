import { canRetry } from '../shared/can-retry.ts';
import { isStaged, type Upload } from '../shared/upload.ts';
import { type BrowserSupport, getRunSpansAfterClose, type TimeSpan } from '../shared/worker-lifetime.ts';
import type { LinkConditions, ServerProblem } from './queue/server-problem.ts';

/** The action of the user without which an upload does not continue. */
export type RequiredAction = 'sign-in' | 'network-sign-in' | 'file' | 'unconfirmed' | 'resume' | 'retry' | 'remove';

/**
 * The future of an upload if every page of the app is closed now and the browser stays open. Times
 * are in ms.
 */
export type CloseForecast =
  /** The upload is completed or cancelled. */
  | { readonly kind: 'nothing-left' }
  /** Nothing is known to happen: the worker does not run, or has never reached the server. */
  | { readonly kind: 'unknown' }
  /** The upload is being staged, which closing interrupts. */
  | { readonly kind: 'staging' }
  /** The upload waits for the user, with or without open pages. */
  | { readonly kind: 'needs-action'; readonly action: RequiredAction }
  /** The upload waits for the network, and resumes with it if a sync registration exists. */
  | { readonly kind: 'network'; readonly resumesAutomatically: boolean }
  /** The browser sends the upload in a Background Fetch; `leftMs` is null without a rate. */
  | { readonly kind: 'background-fetch'; readonly leftMs: number | null }
  /** The worker finishes the upload in this time. */
  | { readonly kind: 'finishes'; readonly inMs: number }
  /**
   * The worker runs for `forMs` in all, within `withinMs`. It sends the rest at the next visit or,
   * with a sync registration, after the browser's next start.
   */
  | { readonly kind: 'continues'; readonly forMs: number; readonly withinMs: number; readonly syncRegistered: boolean }
  /**
   * The worker runs as in `continues`, and may finish. `unmeasured`: no rate was measured in this
   * visit. `retrying`: nothing reaches the server at present. `plannedMs` is the time for the rest
   * at the rate of an earlier visit, or null; it is for decisions, not for display.
   */
  | {
      readonly kind: 'unmeasured' | 'retrying';
      readonly forMs: number;
      readonly withinMs: number;
      readonly syncRegistered: boolean;
      readonly plannedMs: number | null;
    };

/** The forecast of a whole queue. */
export interface QueueCloseForecast {
  readonly forecast: CloseForecast;
  /** The number of uploads that `forecast` covers. */
  readonly uploadCount: number;
  /** How many uploads wait for the user. */
  readonly waitingCount: number;
  /**
   * How many uploads the browser finishes in Background Fetches, beside those that `forecast` is
   * about.
   */
  readonly backgroundFetchCount: number;
}

/** The state of browser, network and server. */
export interface Conditions extends LinkConditions {
  readonly browserSupport: BrowserSupport;
  /** Whether the worker runs and has ever reached the server. */
  readonly hasReachedServer: boolean;
  /** How many sync registrations the browser holds. */
  readonly syncRegistrations: number;
  /** The uploads that a tab stages. The record of a paused upload does not show it. */
  readonly stagingIds: ReadonlySet<string>;
  /** The throughput of an earlier visit; null if the server was never used. */
  readonly rememberedBytesPerSecond: number | null;
}

/** What this visit has measured, in bytes per second; null before. */
export interface Rates {
  /** The throughput of the worker over all uploads. */
  readonly rateBytesPerSecond: number | null;
  /** The throughput of Background Fetches; the worker's is older, and of other requests. */
  readonly backgroundFetchBytesPerSecond: number | null;
}

/** The inputs of a forecast, beside the records. */
export type ForecastInputs = Conditions & Rates;

/** An upload with the bytes that have not arrived, and why none arrive at present. */
export interface RemainingUpload {
  readonly upload: Upload;
  readonly leftBytes: number;
  readonly problem: ServerProblem | null;
}

/** The forecast of each upload by id. The uploads are sent in this order and share the link. */
export function forecastUploads(queue: readonly RemainingUpload[], inputs: ForecastInputs): Map<string, CloseForecast> {
  const forecasts = new Map<string, CloseForecast>();
  let workerBytes = 0;
  let fetchBytes = 0;
  for (const { upload, leftBytes, problem } of queue) {
    const state = classifyUpload(upload, inputs);
    if (state.kind === 'sent-by-worker') workerBytes += leftBytes;
    if (state.kind === 'sent-by-browser') fetchBytes += leftBytes;
    forecasts.set(upload.id, createForecast(state, { workerBytes, fetchBytes, problem }, inputs));
  }
  return forecasts;
}

/**
 * The forecast of the whole queue. It is about the uploads that closing would interrupt; without
 * any, about those being sent; without those, about the ones that wait for the user.
 */
export function forecastQueue(queue: readonly RemainingUpload[], inputs: ForecastInputs): QueueCloseForecast {
  const all = [...forecastUploads(queue, inputs).values()];
  const unfinished = all.filter(({ kind }) => kind !== 'nothing-left');
  const waitingCount = count(unfinished, 'needs-action');
  const isStaging = count(unfinished, 'staging') > 0;
  const relevant = unfinished.filter(({ kind }) =>
    isStaging ? kind === 'staging' : waitingCount === unfinished.length || kind !== 'needs-action',
  );
  const ofWorker = relevant.filter(({ kind }) => kind !== 'background-fetch');
  const covered = ofWorker.length > 0 ? ofWorker : relevant;
  // Uploads are sent in order, so the last forecast covers all of them.
  const forecast = covered.at(-1) ?? { kind: 'nothing-left' };
  return {
    forecast,
    uploadCount: covered.length,
    waitingCount,
    backgroundFetchCount: forecast.kind === 'background-fetch' ? 0 : count(unfinished, 'background-fetch'),
  };
}

function count(forecasts: readonly CloseForecast[], wanted: CloseForecast['kind']): number {
  return forecasts.filter(({ kind }) => kind === wanted).length;
}

type CloseState =
  | { readonly kind: 'sent-by-worker'; readonly isRetrying: boolean }
  | { readonly kind: 'sent-by-browser' }
  | (CloseForecast & { kind: 'nothing-left' | 'staging' | 'needs-action' });

function classifyUpload(upload: Upload, { stagingIds }: Conditions): CloseState {
  switch (upload.status) {
    case 'completed':
    case 'cancelled':
      return { kind: 'nothing-left' };
    case 'failed':
      return { kind: 'needs-action', action: canRetry(upload) ? 'retry' : 'remove' };
    case 'paused':
      if (stagingIds.has(upload.id) && !isStaged(upload)) return { kind: 'staging' };
      return { kind: 'needs-action', action: 'resume' };
    case 'waiting':
      return classifyWaiting(upload);
    default:
      return isStaged(upload) ? { kind: 'sent-by-worker', isRetrying: false } : { kind: 'staging' };
  }
}

function classifyWaiting(upload: Upload & { status: 'waiting' }): CloseState {
  switch (upload.wait.reason) {
    case 'network':
    case 'backoff':
      return isStaged(upload) ? { kind: 'sent-by-worker', isRetrying: true } : { kind: 'staging' };
    case 'background-fetch':
      return { kind: 'sent-by-browser' };
    case 'sign-in':
      return isStaged(upload) ? { kind: 'needs-action', action: 'sign-in' } : { kind: 'staging' };
    default:
      return { kind: 'needs-action', action: upload.wait.reason };
  }
}

function createForecast(
  state: CloseState,
  { workerBytes, fetchBytes, problem }: { workerBytes: number; fetchBytes: number; problem: ServerProblem | null },
  inputs: ForecastInputs,
): CloseForecast {
  const { rateBytesPerSecond: rate, rememberedBytesPerSecond: remembered, syncRegistrations } = inputs;
  if (state.kind === 'sent-by-browser') {
    const fetchRate = inputs.backgroundFetchBytesPerSecond ?? rate;
    return { kind: 'background-fetch', leftMs: getDurationMs(fetchBytes, fetchRate) };
  }
  if (state.kind !== 'sent-by-worker') return state;
  if (!inputs.hasReachedServer) return { kind: 'unknown' };
  const syncRegistered = syncRegistrations > 0;
  if (!inputs.online) return { kind: 'network', resumesAutomatically: syncRegistered };
  if (problem?.code === 'network_sign_in') return { kind: 'needs-action', action: 'network-sign-in' };
  const spans = getRunSpansAfterClose(inputs.browserSupport, syncRegistrations);
  const forMs = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  const withinMs = spans.at(-1)?.to ?? 0;
  const isRetrying = state.isRetrying || problem !== null;
  // An upload that waits to try again does not send at this rate.
  if (rate === null || isRetrying) {
    const plannedMs = getDurationMs(workerBytes, rate ?? remembered);
    return { kind: isRetrying ? 'retrying' : 'unmeasured', forMs, withinMs, syncRegistered, plannedMs };
  }
  const inMs = getFinishMs((workerBytes / rate) * 1000, spans);
  return inMs === null ? { kind: 'continues', forMs, withinMs, syncRegistered } : { kind: 'finishes', inMs };
}

function getDurationMs(bytes: number, bytesPerSecond: number | null): number | null {
  return bytesPerSecond === null ? null : (bytes / bytesPerSecond) * 1000;
}

/**
 * When work of this length is finished if it runs only within these spans; null if the spans are
 * too short.
 */
function getFinishMs(workMs: number, spans: readonly TimeSpan[]): number | null {
  let leftMs = workMs;
  for (const { from, to } of spans) {
    if (leftMs <= to - from) return from + leftMs;
    leftMs -= to - from;
  }
  return null;
}
