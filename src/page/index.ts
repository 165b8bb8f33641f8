export { CHUNK_BYTES, REQUEST_BYTES } from '../shared/chunks.ts';
export { freeBytes } from '../shared/device-storage.ts';
export { duplicatesOf } from '../shared/duplicates.ts';
export { type ErrorCode, UploadError } from '../shared/errors.ts';
export type { Closing, Need, QueueClosing } from '../shared/forecast.ts';
export type { Progress } from '../shared/messages.ts';
export { connection, tellsMobileData } from '../shared/mobile-data.ts';
export { CARRIER_MODES, type CarrierMode } from '../shared/notes.ts';
export { pointedAt } from '../shared/pointed.ts';
export { removalAt } from '../shared/retention.ts';
export { type AddFields, sizeOf } from '../shared/rules.ts';
export type { Token } from '../shared/settings.ts';
export {
  type BatchAnswer,
  isFinished,
  isGoing,
  isSendable,
  isStaged,
  type Upload,
  type Wait,
} from '../shared/upload.ts';
export type { BatchView } from './batches.ts';
export { CHUNK } from './chunk-states.ts';
export type { UploadClient } from './client.ts';
export { createUploadClient, openUploadClient } from './open-client.ts';
export type { ClientOptions } from './options.ts';
export type { UploadView } from './shown.ts';
export { type ChunkUploadProgress, type UploadFunctions, uploadFunctions } from './upload-file.ts';
