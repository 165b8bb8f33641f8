import AwsS3 from '@uppy/aws-s3';
import { Uppy } from '@uppy/core';
import type { SendFiles } from '../clients/simple-clients.ts';
import { sendWith } from './uppy.ts';

/**
 * The newest Uppy to S3: files in parallel, the parts of one file in sequence. Signing needs no
 * request here.
 */
export const uppyS3: SendFiles = async (files, { origin, chunkBytes }) => {
  const uppy = new Uppy().use(AwsS3, {
    getChunkSize: () => chunkBytes,
    signRequest: (request) => {
      const query = new URLSearchParams();
      if ('uploadId' in request) query.set('uploadId', request.uploadId);
      if ('partNumber' in request) query.set('partNumber', String(request.partNumber));
      if (request.method === 'POST' && !('uploadId' in request)) query.set('uploads', '');
      return { url: `${origin}/s3/${encodeURIComponent(request.key)}?${query}` };
    },
  });
  await sendWith(uppy, files);
};
