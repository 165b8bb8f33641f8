import { type Closing, UploadError, type UploadView } from '../../page/index.ts';
import { words } from './catalogue.ts';
import { duration, number } from './format.ts';

/** The name of an upload: of its file, or of its first with the number of the others. */
export function title({ files }: Pick<UploadView, 'files'>): string {
  const name = files[0]?.name ?? '';
  return files.length > 1 ? words().row.andMore(name, number(files.length - 1)) : name;
}

/** The state in words. */
export function state(upload: UploadView): string {
  const said = words().state;
  if (upload.status === 'waiting') return waiting(upload.wait);
  // The worker has begun before the record says so.
  if (upload.status === 'queued' && upload.progress.bytesUploaded > 0) return said.uploading;
  return said[upload.status];
}

/** An upload in one breath, for who does not see its row. */
export function spoken(upload: UploadView): string {
  return words().announce.one(title(upload), state(upload));
}

/** What becomes of an upload, or of all, if the app is closed now: one true sentence. */
export function ifClosed(closing: Closing): string {
  const said = words().closing;
  switch (closing.kind) {
    case 'nothing-left':
      return said.nothingLeft;
    case 'copying':
      return said.copying;
    case 'waits':
      return said.needs[closing.need];
    case 'network':
      return closing.byItself ? said.networkAlarm : said.networkVisit;
    case 'handed-over':
      return closing.leftMs === null ? said.handedOver : said.handedOverIn(time(closing.leftMs));
    case 'finishes':
      return said.finishes(time(closing.inMs));
    case 'goes-on':
      return goesOn(closing);
    case 'unmeasured':
      return (closing.alarm ? said.unmeasuredAlarm : said.unmeasuredVisit)(time(closing.forMs));
  }
}

function goesOn({ forMs, withinMs, alarm }: Closing & { kind: 'goes-on' }): string {
  const said = words().closing;
  // Stretches with gaps between them: the minutes of work are not those of the clock.
  const isWhole = withinMs - forMs < 60_000;
  if (isWhole) return (alarm ? said.goesOnAlarm : said.goesOnVisit)(time(forMs));
  return (alarm ? said.partlyAlarm : said.partlyVisit)(time(forMs), time(withinMs));
}

function time(ms: number): string {
  return duration(ms / 1000);
}

/** What went wrong, in the words of the language where it has some for the code, else in those it came with. */
export function problem(code: string, message: string): string {
  return words().errors[code] ?? message;
}

/** The same for whatever was thrown. */
export function problemOf(error: unknown): string {
  if (error instanceof UploadError) return problem(error.code, error.message);
  return error instanceof Error ? error.message : String(error);
}

function waiting(wait: (UploadView & { status: 'waiting' })['wait']): string {
  const said = words().state;
  switch (wait.reason) {
    case 'network':
      return said.network;
    case 'backoff': {
      const seconds = (wait.nextAttemptAt - Date.now()) / 1000;
      return seconds > 1 ? said.backoff(duration(seconds)) : said.backoffNow;
    }
    case 'sign-in':
      return said.signIn;
    case 'file':
      return said.file;
    case 'unconfirmed':
      return said.unconfirmed;
    case 'carrier':
      return said.carrier;
  }
}
