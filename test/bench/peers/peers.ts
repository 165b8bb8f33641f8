// The peers, configured for speed as their documentation advises. Loaded into a page of the sink's
// origin.
export { tusClient, tusFourParts, tusOnePatch, tusUnchunked } from './tus.ts';
export { uppyS3, uppyS3Parts } from './uppy-s3.ts';
export { uppyTus, uppyTusOnePatch } from './uppy-tus.ts';
export { uppy5S3 } from './uppy5-s3.ts';
