import { isStaged, type UploadView } from '../page/index.ts';

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** A size as people read it: 1 MB is a million bytes. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  return `${number.format(count / 1000 ** step)} ${units[step]}`;
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

/** On which side of the promise a file is: once it is copied, closing the tab stops nothing. */
export function promise(upload: UploadView): string {
  if (upload.status === 'cancelled') return 'Nothing more of it is sent.';
  if (upload.status === 'waiting' && upload.wait.reason === 'file') return 'What was copied of it is kept.';
  if (!isStaged(upload)) return 'Still being copied: keep this tab open.';
  return 'Copied: you may close this tab.';
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
