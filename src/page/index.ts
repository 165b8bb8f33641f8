export { MAX_CHUNK_BYTES, MAX_REQUEST_BYTES } from '../shared/chunks.ts';
export { getFreeBytes } from '../shared/device-storage.ts';
export { findDuplicates } from '../shared/duplicates.ts';
export { type ErrorCode, UploadError } from '../shared/errors.ts';
export type { CloseForecast, QueueCloseForecast, RequiredAction } from '../shared/forecast.ts';
export type { Progress } from '../shared/messages.ts';
export { canDetectCellular, getNetworkInformation } from '../shared/mobile-data.ts';
export { BACKGROUND_FETCH_MODES, type BackgroundFetchMode } from '../shared/notes.ts';
export { parseDeepLink } from '../shared/pointed.ts';
export { getRemovalTime } from '../shared/retention.ts';
export { type AddFields, getTotalBytes } from '../shared/rules.ts';
export type { Credentials } from '../shared/settings.ts';
export {
  type BatchResponse,
  isActive,
  isFinished,
  isSendable,
  isStaged,
  type Upload,
  type Wait,
} from '../shared/upload.ts';
export type { BatchView } from './batches.ts';
export { CHUNK_STATE } from './chunk-states.ts';
export type { UploadClient } from './client.ts';
export { createUploadClient, openUploadClient } from './open-client.ts';
export type { ClientOptions } from './options.ts';
export type { UploadView } from './shown.ts';
export { type ChunkUploadProgress, createUploadFunctions, type UploadFunctions } from './upload-file.ts';
