import { isActive, isSendable, type UploadView } from '../../page/index.ts';

/** The groups by which the queue can be looked at. */
export const FILTERS = ['all', 'active', 'waiting', 'done', 'failed'] as const;
export type Filter = (typeof FILTERS)[number];
export type Group = Exclude<Filter, 'all'>;

/** The queue in numbers; bytes exact, the rate in bytes per second. */
export interface Totals {
  readonly counts: Readonly<Record<Filter, number>>;
  /** Of what is neither cancelled nor failed. */
  readonly bytesTotal: number;
  readonly bytesUploaded: number;
  /** What is left to send of those that are on the way. */
  readonly bytesToGo: number;
  readonly rateBytesPerSecond: number | null;
  /** How many go on by themselves, now or when they can. */
  readonly activeCount: number;
  readonly pausedCount: number;
}

export function getGroup(upload: UploadView): Group {
  if (upload.status === 'completed') return 'done';
  if (upload.status === 'failed' || upload.status === 'cancelled') return 'failed';
  return upload.status === 'waiting' || upload.status === 'paused' ? 'waiting' : 'active';
}

/** Adds everything up, in one pass: there may be ten thousand. */
export function computeTotals(uploads: readonly UploadView[]): Totals {
  const counts = { all: uploads.length, active: 0, waiting: 0, done: 0, failed: 0 };
  const sums = { bytesTotal: 0, bytesUploaded: 0, bytesToGo: 0, activeCount: 0, pausedCount: 0 };
  let rateBytesPerSecond: number | null = null;
  for (const upload of uploads) {
    const { progress } = upload;
    const group = getGroup(upload);
    counts[group]++;
    if (upload.status === 'failed' || upload.status === 'cancelled') continue;
    sums.bytesTotal += progress.bytesTotal;
    sums.bytesUploaded += progress.bytesUploaded;
    if (group === 'active') sums.bytesToGo += progress.bytesTotal - progress.bytesUploaded;
    if (isActive(upload)) sums.activeCount++;
    if (upload.status === 'paused') sums.pausedCount++;
    // The worker's rate is that of the link, over all uploads: whichever was heard is good.
    if (isTransferring(upload)) rateBytesPerSecond = progress.rateBytesPerSecond ?? rateBytesPerSecond;
  }
  return { counts, ...sums, rateBytesPerSecond };
}

/** Whether bytes of it are on their way, as far as the page knows. */
export function isTransferring(upload: UploadView): boolean {
  const { progress } = upload;
  return isSendable(upload) && progress.bytesUploaded > 0 && progress.bytesUploaded < progress.bytesTotal;
}
