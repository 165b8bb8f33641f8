import { type CloseForecast, UploadError, type UploadView } from '../../page/index.ts';
import { strings } from './catalogue.ts';
import { formatDuration, formatNumber } from './format.ts';

/** The name of an upload: of its file, or of its first with the number of the others. */
export function describeTitle({ files }: Pick<UploadView, 'files'>): string {
  const name = files[0]?.name ?? '';
  return files.length > 1 ? strings().row.andMore(name, formatNumber(files.length - 1)) : name;
}

/** The state in words. */
export function describeState(upload: UploadView): string {
  const said = strings().state;
  if (upload.status === 'waiting') return describeWait(upload.wait);
  // The worker has begun before the record says so.
  if (upload.status === 'queued' && upload.progress.bytesUploaded > 0) return said.uploading;
  return said[upload.status];
}

/** An upload in one breath, for who does not see its row. */
export function describeUpload(upload: UploadView): string {
  return strings().announce.one(describeTitle(upload), describeState(upload));
}

/** What becomes of an upload, or of all, if the app is closed now: one true sentence. */
export function describeForecast(closing: CloseForecast): string {
  const said = strings().closing;
  switch (closing.kind) {
    case 'nothing-left':
      return said.nothingLeft;
    case 'staging':
      return said.copying;
    case 'needs-action':
      return said.needs[closing.action];
    case 'network':
      return closing.resumesAutomatically ? said.networkAlarm : said.networkVisit;
    case 'background-fetch':
      return closing.leftMs === null ? said.handedOver : said.handedOverIn(time(closing.leftMs));
    case 'finishes':
      return said.finishes(time(closing.inMs));
    case 'continues':
      return describePartialUpload(closing);
    case 'unmeasured':
      return (closing.syncRegistered ? said.unmeasuredAlarm : said.unmeasuredVisit)(time(closing.forMs));
  }
}

function describePartialUpload({
  forMs,
  withinMs,
  syncRegistered: alarm,
}: CloseForecast & { kind: 'continues' }): string {
  const said = strings().closing;
  // Stretches with gaps between them: the minutes of work are not those of the clock.
  const isWhole = withinMs - forMs < 60_000;
  if (isWhole) return (alarm ? said.goesOnAlarm : said.goesOnVisit)(time(forMs));
  return (alarm ? said.partlyAlarm : said.partlyVisit)(time(forMs), time(withinMs));
}

function time(ms: number): string {
  return formatDuration(ms / 1000);
}

/** What went wrong, in the words of the language where it has some for the code, else in those it came with. */
export function describeErrorCode(code: string, message: string): string {
  return strings().errors[code] ?? message;
}

/** The same for whatever was thrown. */
export function describeError(error: unknown): string {
  if (error instanceof UploadError) return describeErrorCode(error.code, error.message);
  return error instanceof Error ? error.message : String(error);
}

function describeWait(wait: (UploadView & { status: 'waiting' })['wait']): string {
  const said = strings().state;
  switch (wait.reason) {
    case 'network':
      return said.network;
    case 'backoff': {
      const seconds = (wait.nextAttemptAt - Date.now()) / 1000;
      return seconds > 1 ? said.backoff(formatDuration(seconds)) : said.backoffNow;
    }
    case 'sign-in':
      return said.signIn;
    case 'file':
      return said.file;
    case 'unconfirmed':
      return said.unconfirmed;
    case 'background-fetch':
      return said.carrier;
  }
}
