import { getLeftBytes, isActive, isSendable, type UploadView } from '../../page/index.ts';

/** The groups by which the list is filtered. */
export const GROUP_FILTERS = ['all', 'active', 'waiting', 'done', 'failed'] as const;
export type GroupFilter = (typeof GROUP_FILTERS)[number];
export type Group = Exclude<GroupFilter, 'all'>;

/** Sums over the queue. */
export interface Totals {
  readonly counts: Readonly<Record<GroupFilter, number>>;
  /** How many of the group `failed` failed; the others were cancelled. */
  readonly failedCount: number;
  /** How many upload now or will continue without the user. */
  readonly activeCount: number;
  readonly pausedCount: number;
  /** Whether every upload is completed, but for those that the user cancelled. */
  readonly isComplete: boolean;
  /** Bytes of all uploads that are not cancelled. */
  readonly bytesTotal: number;
  readonly bytesUploaded: number;
  /** Remaining bytes of the group `active`, as its times left count them. */
  readonly bytesToGo: number;
  readonly rateBytesPerSecond: number | null;
}

export function getGroup(upload: UploadView): Group {
  if (upload.status === 'completed') return 'done';
  if (upload.status === 'failed' || upload.status === 'cancelled') return 'failed';
  return upload.status === 'waiting' || upload.status === 'paused' ? 'waiting' : 'active';
}

/** Sums up the queue in one pass, because it may have ten thousand uploads. */
export function computeTotals(uploads: readonly UploadView[]): Totals {
  const counts = { all: uploads.length, active: 0, waiting: 0, done: 0, failed: 0 };
  const sums = { failedCount: 0, activeCount: 0, pausedCount: 0, bytesTotal: 0, bytesUploaded: 0, bytesToGo: 0 };
  let rateBytesPerSecond: number | null = null;
  for (const upload of uploads) {
    const { progress } = upload;
    const group = getGroup(upload);
    counts[group]++;
    if (upload.status === 'cancelled') continue;
    if (upload.status === 'failed') sums.failedCount++;
    sums.bytesTotal += progress.bytesTotal;
    sums.bytesUploaded += progress.bytesUploaded;
    if (group === 'active') sums.bytesToGo += getLeftBytes(progress);
    if (isActive(upload)) sums.activeCount++;
    if (upload.status === 'paused') sums.pausedCount++;
    // Every upload in progress reports the rate of the whole connection, so the last one is enough.
    if (isTransferring(upload)) rateBytesPerSecond = progress.rateBytesPerSecond ?? rateBytesPerSecond;
  }
  const isComplete = counts.done > 0 && counts.active + counts.waiting + sums.failedCount === 0;
  return { counts, ...sums, isComplete, rateBytesPerSecond };
}

/** Whether some but not all bytes of an upload are sent and it may be sent now. */
export function isTransferring(upload: UploadView): boolean {
  const { progress } = upload;
  return isSendable(upload) && progress.bytesUploaded > 0 && progress.bytesUploaded < progress.bytesTotal;
}
