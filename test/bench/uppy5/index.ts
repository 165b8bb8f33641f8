// A folder of its own, so that these names mean version 5.
export { default as AwsS3 } from '@uppy/aws-s3';
export { Uppy } from '@uppy/core';
