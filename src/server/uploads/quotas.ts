import { ApiError } from '../errors.ts';
import { type OpenLimits, QuotaError } from '../store/upload-store.ts';

/** The limits of one upload, and of the unfinished uploads of one user. */
export interface Quotas extends OpenLimits {
  readonly maxUploadBytes: number;
}

/** @throws ApiError 422 `upload_too_large`: a 413 would make the client send smaller chunks. */
export function checkUploadSize(sizeBytes: number, { maxUploadBytes }: Quotas): void {
  if (sizeBytes <= maxUploadBytes) return;
  const message = `${formatBytes(sizeBytes)} is over this server’s ${formatBytes(maxUploadBytes)} limit.`;
  throw new ApiError(422, 'upload_too_large', message);
}

/**
 * The response to an exceeded quota: 429 `too_many_sessions` or `too_many_bytes`. Other errors are
 * returned as they are.
 */
export function toQuotaResponse(error: unknown): unknown {
  if (!(error instanceof QuotaError)) return error;
  const isBytes = error.quota === 'bytes';
  const excess = isBytes ? 'Too much waiting' : 'Too many unfinished uploads';
  const message = `${excess}: finish or cancel some uploads first.`;
  return new ApiError(429, isBytes ? 'too_many_bytes' : 'too_many_sessions', message);
}

function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const exponent = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${Number((bytes / 1000 ** exponent).toPrecision(3))} ${units[exponent]}`;
}
