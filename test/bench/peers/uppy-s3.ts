import AwsS3 from '@uppy/aws-s3';
import { Uppy } from '@uppy/core';
import type { SendFiles } from '../clients/simple-clients.ts';
import { sendWith } from './uppy.ts';

/**
 * The newest Uppy to S3: files in parallel, the parts of one file in sequence. Signing needs no
 * request here.
 */
export const uppyS3: SendFiles = (files, { origin, chunkBytes }) =>
  sendToS3(files, origin, { getChunkSize: () => chunkBytes });

/**
 * For flaky links: in the smallest parts of S3, because a request that is cut loses its bytes. Uppy
 * has no setting for its three retries.
 */
export const uppyS3Parts: SendFiles = (files, { origin }) =>
  sendToS3(files, origin, { shouldUseMultipart: true, getChunkSize: () => 5 * 1024 * 1024 });

/** The settings that differ. */
interface PartSettings {
  readonly shouldUseMultipart?: boolean;
  getChunkSize(): number;
}

async function sendToS3(files: readonly File[], origin: string, settings: PartSettings): Promise<void> {
  const uppy = new Uppy().use(AwsS3, {
    ...settings,
    signRequest: (request) => {
      const query = new URLSearchParams();
      if ('uploadId' in request) query.set('uploadId', request.uploadId);
      if ('partNumber' in request) query.set('partNumber', String(request.partNumber));
      if (request.method === 'POST' && !('uploadId' in request)) query.set('uploads', '');
      return { url: `${origin}/s3/${encodeURIComponent(request.key)}?${query}` };
    },
  });
  await sendWith(uppy, files);
}
