import {
  type CloseForecast,
  MAX_REQUEST_BYTES,
  type ServerProblem,
  UploadError,
  type UploadView,
} from '../../page/index.ts';
import { strings } from './catalogue.ts';
import type { ErrorText, MessageDetails } from './en.ts';
import { formatBytes, formatDuration, formatNumber, formatPartOfBytes, formatPercent } from './format.ts';
import { isolate } from './plural.ts';

const MINUTE_MS = 60_000;
/** The units in messages of the server. */
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** The name of the first file, and how many more the upload has. */
export function describeTitle({ files, fileCount }: Pick<UploadView, 'files' | 'fileCount'>): string {
  const name = files[0]?.name ?? '';
  return fileCount > 1 ? strings().row.andMore(name, formatNumber(fileCount - 1)) : name;
}

/** The status of an upload, for example "Retrying in 5 sec". */
export function describeState(upload: UploadView): string {
  const t = strings().state;
  if (upload.status === 'staging') return t.staging(formatPercent(getStagedShare(upload)));
  if (upload.serverProblem) return describeProblem(upload.serverProblem);
  if (upload.status === 'waiting') return describeWait(upload.wait);
  // Progress messages arrive before the record changes to `uploading`.
  if (upload.status === 'queued' && upload.progress.bytesUploaded > 0) return t.uploading;
  return t[upload.status];
}

/** Why nothing reaches the server, and when the worker tries again. */
export function describeProblem({ code, nextAttemptAt }: ServerProblem): string {
  const t = strings().problem;
  if (code === 'offline') return strings().state.network;
  if (code === 'network_sign_in') return t.networkSignIn;
  const seconds = nextAttemptAt === null ? 0 : (nextAttemptAt - Date.now()) / 1000;
  const time = seconds > 1 ? formatDuration(seconds) : null;
  const cause = findCause(code);
  if (cause === null) return time ? strings().state.backoff(time) : strings().state.backoffNow;
  return time ? t.retry(cause, time) : t.retryNow(cause);
}

/** Why nothing reaches the server, in a few words. */
export function describeCause(problem: ServerProblem): string {
  return findCause(problem.code) ?? describeProblem(problem);
}

/** The sentence for a cause that `describeProblem` does not name; empty for the others. */
export function describeProblemDetails({ code, message }: ServerProblem): string {
  const isNamed = code === 'offline' || code === 'network_sign_in' || findCause(code) !== null;
  return isNamed ? '' : describeErrorCode(code, message);
}

/** Title and status in one sentence, for screen readers. */
export function describeUpload(upload: UploadView): string {
  return strings().announce.one(describeTitle(upload), describeState(upload));
}

/** How much of an upload is sent, for example "2.0 of 20 MB". */
export function describeSent(sentBytes: number, totalBytes: number): string {
  return strings().row.sent(formatPartOfBytes(sentBytes, totalBytes), formatBytes(totalBytes));
}

/** The forecast of an upload or of the queue as text; empty where closing changes nothing. */
export function describeForecast(forecast: CloseForecast): string {
  const t = strings().forecast;
  switch (forecast.kind) {
    case 'nothing-left':
      return '';
    case 'staging':
      return t.staging;
    case 'needs-action':
      return t.needs[forecast.action];
    case 'network':
      return forecast.resumesAutomatically ? t.networkSync : t.networkVisit;
    case 'background-fetch':
      return forecast.leftMs === null ? t.safe : t.safeIn(formatMs(forecast.leftMs));
    case 'finishes':
      return t.safeIn(formatMs(forecast.inMs));
    case 'continues': {
      // The worker runs in spans with gaps between them.
      const hasGaps = forecast.withinMs - forecast.forMs >= MINUTE_MS;
      return hasGaps ? t.onAndOff(formatMs(forecast.withinMs)) : t.partial(formatMs(forecast.forMs));
    }
    case 'unmeasured':
      return t.unmeasured(formatMs(forecast.forMs));
    case 'retrying':
      return t.retrying(formatMs(forecast.forMs));
    case 'unknown':
      return '';
  }
}

/**
 * The text for an error code; `message` where the code is unknown or its message says more than a
 * text could.
 */
export function describeErrorCode(code: string, message: string, sizeBytes: number | null = null): string {
  const { errors } = strings();
  if (!Object.hasOwn(errors, code)) return message;
  const text: ErrorText = errors[code as keyof typeof errors];
  return typeof text === 'string' ? text : text(readDetails(code, message, sizeBytes));
}

/** The text for anything that was thrown. */
export function describeError(error: unknown): string {
  if (error instanceof UploadError) return describeErrorCode(error.serverCode ?? error.code, error.message);
  return error instanceof Error ? error.message : String(error);
}

/**
 * Reads names and limits from the message: a stored error has only a code and a message.
 */
function readDetails(code: string, message: string, sizeBytes: number | null): MessageDetails {
  const [, file] = /“(.+)”/.exec(message) ?? [];
  const [, serverLimit, unit = ''] = /([\d.]+) (bytes|kB|MB|GB|TB) (?:limit|at most)/.exec(message) ?? [];
  const [, field] = /field “?(\w+)/.exec(message) ?? [];
  const limitBytes = code === 'batch_too_large' ? MAX_REQUEST_BYTES : Number(serverLimit) * 1000 ** UNITS.indexOf(unit);
  return {
    size: sizeBytes === null ? null : formatBytes(sizeBytes),
    limit: limitBytes ? formatBytes(limitBytes) : null,
    file: file === undefined ? null : isolate(file),
    field: field === undefined ? null : getFieldLabel(field),
  };
}

function getFieldLabel(field: string): string | null {
  const { type, task, profile, notes } = strings().form;
  const labels = new Map([
    ['upload_type', type],
    ['task_id', task],
    ['profile_id', profile],
    ['notes', notes],
  ]);
  return labels.get(field) ?? null;
}

/** A few words for a cause; null for one that needs a sentence. */
function findCause(code: string): string | null {
  const { causes } = strings().problem;
  return Object.hasOwn(causes, code) ? causes[code as keyof typeof causes] : null;
}

function describeWait(wait: (UploadView & { status: 'waiting' })['wait']): string {
  const t = strings().state;
  switch (wait.reason) {
    case 'network':
    // Where its `serverProblem` says no more.
    case 'backoff':
      return t.network;
    case 'sign-in':
      return t.signIn;
    case 'file':
      return t.file;
    case 'unconfirmed':
      return t.unconfirmed;
    case 'background-fetch':
      return t.backgroundFetch;
  }
}

/** Rounded down: 100 % would mean staged. */
function getStagedShare({ stagedBytes, sizeBytes }: UploadView): number {
  return sizeBytes === 0 ? 0 : Math.floor((100 * stagedBytes) / sizeBytes) / 100;
}

function formatMs(ms: number): string {
  return formatDuration(ms / 1000);
}
