import { ApiError } from '../errors.ts';
import { type Quota, QuotaError, type UserLimits } from '../store/upload-store.ts';

/** The limits of one upload, and of one user. */
export interface Quotas extends UserLimits {
  readonly maxUploadBytes: number;
}

/** @throws ApiError 422 `upload_too_large`: a 413 would make the client send smaller chunks. */
export function checkUploadSize(sizeBytes: number, { maxUploadBytes }: Quotas): void {
  if (sizeBytes <= maxUploadBytes) return;
  const message = `${formatBytes(sizeBytes)} is over this server’s ${formatBytes(maxUploadBytes)} limit.`;
  throw new ApiError(422, 'upload_too_large', message);
}

/** A user who frees room seldom does so within seconds. */
const QUOTA_RETRY_SECONDS = 300;

/**
 * The response to an exceeded quota: 429, so that the client tries again later. Other errors are
 * returned as they are.
 */
export function toQuotaResponse(error: unknown): unknown {
  if (!(error instanceof QuotaError)) return error;
  const [code, message] = QUOTA_RESPONSES[error.quota];
  const isStored = error.quota === 'stored';
  return new ApiError(429, code, message, {}, { retryAfterSeconds: isStored ? QUOTA_RETRY_SECONDS : null });
}

const QUOTA_RESPONSES: Readonly<Record<Quota, readonly [code: string, message: string]>> = {
  sessions: ['too_many_sessions', 'Too many unfinished uploads: finish or cancel some uploads first.'],
  bytes: ['too_many_bytes', 'Too much waiting: finish or cancel some uploads first.'],
  stored: ['quota_full', 'Your space on this server is full. Delete something there, or ask for more space.'],
};

function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const exponent = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${Number((bytes / 1000 ** exponent).toPrecision(3))} ${units[exponent]}`;
}
