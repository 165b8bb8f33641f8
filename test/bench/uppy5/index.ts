// A folder of its own, so that these package names resolve to version 5.
export { default as AwsS3 } from '@uppy/aws-s3';
export { Uppy } from '@uppy/core';
