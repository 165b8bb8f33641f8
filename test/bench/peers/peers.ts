// The peers, configured for speed as their documentation advises. Loaded into a page of the sink's
// origin.
export { tusClient, tusUnchunked } from './tus.ts';
export { uppyS3 } from './uppy-s3.ts';
export { uppyTus } from './uppy-tus.ts';
export { uppy5S3 } from './uppy5-s3.ts';
