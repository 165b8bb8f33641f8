import type { SendFiles } from '../clients/simple-clients.ts';
import { AwsS3, Uppy } from '../uppy5/index.ts';
import { sendWith } from './uppy.ts';

/** Uppy 5 to S3: six parts of a file in parallel. Signing needs no request here. */
export const uppy5S3: SendFiles = async (files, { origin, chunkBytes }) => {
  const urlOf = (key: string, query = '') => `${origin}/s3/${encodeURIComponent(key)}${query}`;
  const uppy = new Uppy().use(AwsS3, {
    getChunkSize: () => chunkBytes,
    shouldUseMultipart: (file: { size: number | null }) => (file.size ?? 0) > chunkBytes,
    getUploadParameters: (file: { name: string }) => ({ method: 'PUT', url: urlOf(file.name) }),
    createMultipartUpload: async ({ name }: { name: string }) => {
      const answer = await (await fetch(urlOf(name, '?uploads'), { method: 'POST' })).text();
      return { key: name, uploadId: /<UploadId>(.*?)</.exec(answer)?.[1] ?? '' };
    },
    signPart: (
      _file: unknown,
      { key, uploadId, partNumber }: { key: string; uploadId: string; partNumber: number },
    ) => ({
      url: urlOf(key, `?uploadId=${uploadId}&partNumber=${partNumber}`),
    }),
    completeMultipartUpload: async (_file: unknown, { key, uploadId, parts }: Completion) => {
      const listed = parts.map(
        ({ PartNumber, ETag }) => `<Part><PartNumber>${PartNumber}</PartNumber><ETag>${ETag}</ETag></Part>`,
      );
      const body = `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`;
      const response = await fetch(urlOf(key, `?uploadId=${uploadId}`), { method: 'POST', body });
      if (!response.ok) throw new Error(await response.text());
      return { location: urlOf(key) };
    },
    listParts: () => [],
    abortMultipartUpload: () => undefined,
  });
  await sendWith(uppy, files);
};

interface Completion {
  readonly key: string;
  readonly uploadId: string;
  readonly parts: readonly { PartNumber?: number; ETag?: string }[];
}
