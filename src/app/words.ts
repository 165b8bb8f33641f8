import type { Closing, Need, QueueClosing, UploadView } from '../page/index.ts';

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** A size as people read it: 1 MB is a million bytes. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  return `${number.format(count / 1000 ** step)} ${units[step]}`;
}

/** A day as people read it. */
export function day(at: number): string {
  return new Date(at).toLocaleDateString(undefined, { day: 'numeric', month: 'long' });
}

/** A time left as people read it. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${number.format(seconds / 3600)} h`;
}

/** The name of an upload: of its file, or of its first with the number of the others. */
export function title(upload: UploadView): string {
  const [first, ...others] = upload.files;
  return others.length === 0 ? (first?.name ?? '') : `${first?.name} and ${others.length} more`;
}

/** The state in words. */
export function state(upload: UploadView): string {
  switch (upload.status) {
    case 'staging':
      return 'Being copied';
    case 'queued':
      return upload.progress.bytesUploaded > 0 ? 'Uploading' : 'Queued';
    case 'uploading':
      return 'Uploading';
    case 'paused':
      return 'Paused';
    case 'completed':
      return 'Arrived';
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return 'Cancelled';
    case 'waiting':
      return waiting(upload.wait);
  }
}

/** What becomes of an upload if the app is closed now, in one true sentence. */
export function ifClosed(closing: Closing): string {
  switch (closing.kind) {
    case 'nothing-left':
      return 'Nothing more of it is sent.';
    case 'copying':
      return 'Still being copied: keep this tab open, closing stops it.';
    case 'waits':
      return NEEDS[closing.need];
    case 'network':
      return closing.byItself
        ? 'You may close this tab: it waits for the network and then goes on by itself.'
        : 'You may close this tab: it waits for the network and goes on when you open this app again.';
    case 'handed-over':
      return closing.leftMs === null
        ? 'You may close this tab: the browser itself finishes it.'
        : `You may close this tab: the browser itself finishes it in about ${minutes(closing.leftMs)}.`;
    case 'finishes':
      return `You may close this tab: it finishes in the background in about ${minutes(closing.inMs)}.`;
    case 'goes-on':
      return `Closed now, it goes on for ${stretch(closing)}, ${rest(closing)}.`;
    case 'unmeasured':
      return `You may close this tab: it goes on for up to ${minutes(closing.forMs)}, ${rest(closing)}.`;
  }
}

/** The same of the whole queue; empty when nothing is left of it. */
export function ifAllClosed({ closing, uploads, waiting }: QueueClosing): string {
  if (closing.kind === 'nothing-left') return '';
  const what = closing.kind === 'waits' ? `Waiting for you: ${waiting}.` : `Under way: ${uploads}.`;
  const also = closing.kind !== 'waits' && waiting > 0 ? ` Waiting for you: ${waiting}.` : '';
  return `${what} ${ifClosed(closing)}${also}`;
}

const NEEDS: Readonly<Record<Need, string>> = {
  'sign-in': 'It goes on when you have signed in, closed or not.',
  file: 'What was copied of it is kept until you choose the file again.',
  unconfirmed: 'It waits for your answer, closed or not.',
  resume: 'It stays paused, closed or not.',
  retry: 'It is kept until you try again or remove it.',
};

function minutes(ms: number): string {
  return duration(ms / 1000);
}

function stretch({ forMs, withinMs }: Closing & { kind: 'goes-on' }): string {
  // Stretches with gaps between them: the minutes of work are not those of the clock.
  return withinMs - forMs < 60_000
    ? `about ${minutes(forMs)}`
    : `about ${minutes(forMs)} of the next ${minutes(withinMs)}`;
}

function rest({ alarm }: { alarm: boolean }): string {
  return alarm ? 'the rest when the app or the browser next starts' : 'the rest when you next open this app';
}

function waiting(wait: (UploadView & { status: 'waiting' })['wait']): string {
  switch (wait.reason) {
    case 'network':
      return 'Waits for the network';
    case 'backoff':
      return `Waits and tries again: ${wait.message}`;
    case 'sign-in':
      return 'Waits for you to sign in';
    case 'file':
      return 'Copying was cut off: choose the file again';
    case 'unconfirmed':
      return 'May have arrived: the server’s answer was lost. Send again?';
    case 'carrier':
      return 'Handed over to the browser';
  }
}
