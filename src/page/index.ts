export { canRetry } from '../shared/can-retry.ts';
export { MAX_CHUNK_BYTES, MAX_REQUEST_BYTES } from '../shared/chunks.ts';
export { BACKGROUND_FETCH_MODES, type BackgroundFetchMode } from '../shared/db/preferences.ts';
export type { Credentials } from '../shared/db/settings.ts';
export { parseDeepLink } from '../shared/deep-link.ts';
export { findDuplicates } from '../shared/duplicates.ts';
export { type ErrorCode, UploadError } from '../shared/errors.ts';
export type { FileWithPath, PickedFile } from '../shared/file-info.ts';
export type { Progress } from '../shared/messages.ts';
export { type BasicFields, createMetadata, isImageBatch, type Metadata, requiresTaskId } from '../shared/metadata.ts';
export { canDetectCellular, getNetworkInformation } from '../shared/network-information.ts';
export { getRemovalTime } from '../shared/retention.ts';
export type { Share } from '../shared/share.ts';
export { getFreeBytes } from '../shared/staging/device-storage.ts';
export { mapInTasks } from '../shared/tasks.ts';
export { getTotalBytes } from '../shared/total-bytes.ts';
export {
  type BatchResponse,
  type FileInfo,
  isActive,
  isFinished,
  isSendable,
  isStaged,
  type Upload,
  type Wait,
} from '../shared/upload.ts';
export type { BatchFile, BatchView } from './batches.ts';
export type { UploadClient } from './client.ts';
export type { CloseForecast, QueueCloseForecast, RequiredAction } from './close-forecast.ts';
export { loadPart } from './load-part.ts';
export { createUploadClient, openUploadClient } from './open-client.ts';
export type { ClientOptions } from './options.ts';
export { CHUNK_STATE } from './queue/chunk-states.ts';
export { getLeftBytes } from './queue/progress.ts';
export type { ServerProblem } from './queue/server-problem.ts';
export type { UploadView } from './queue/upload-views.ts';
export type { Shares } from './shares.ts';
export { reloadNewestVersion } from './updates.ts';
export { type ChunkUploadProgress, createUploadFunctions, type UploadFunctions } from './upload-functions.ts';
