export { CHUNK_BYTES, REQUEST_BYTES } from '../shared/chunks.ts';
export { type ErrorCode, UploadError } from '../shared/errors.ts';
export type { Progress } from '../shared/messages.ts';
export { type BatchAnswer, isFinished, isStaged, type Upload, type Wait } from '../shared/upload.ts';
export type { Token } from '../shared/uploads-db.ts';
export { type ClientOptions, createUploadClient, type UploadClient } from './client.ts';
export type { AddFields } from './rules.ts';
export { type ChunkUploadProgress, type UploadFunctions, uploadFunctions } from './upload-file.ts';
export type { UploadView } from './views.ts';
