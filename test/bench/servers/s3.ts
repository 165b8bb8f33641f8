import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Objects, Part } from './objects.ts';
import { type Protocol, readText } from './sink.ts';

const SMALLEST_PART = 5 * 1024 * 1024;

/**
 * The requests of an S3 client for a single or a multipart upload
 * (https://docs.aws.amazon.com/AmazonS3/latest/API), without signatures.
 */
export function s3(objects: Objects): Protocol {
  const uploads = new Map<string, Map<number, Part>>();

  return async (request, response, url) => {
    const uploadId = url.searchParams.get('uploadId');
    if (request.method === 'PUT') return put(request, response, url, uploadId);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const text = await readText(request);
    const key = url.pathname.slice('/s3/'.length);
    if (uploadId === null) {
      const id = crypto.randomUUID();
      uploads.set(id, new Map());
      await objects.wait();
      return xml(response, 'InitiateMultipartUploadResult', { Bucket: 's3', Key: key, UploadId: id });
    }
    complete(uploadId, text);
    await objects.wait();
    const facts = { Location: url.href.split('?')[0] ?? '', Bucket: 's3', Key: key, ETag: '"whole"' };
    xml(response, 'CompleteMultipartUploadResult', facts);
  };

  async function put(request: IncomingMessage, response: ServerResponse, url: URL, uploadId: string | null) {
    const part = await objects.store(request);
    if (!request.complete) throw new Error('IncompleteBody');
    if (uploadId === null) objects.finish([part]);
    else partsOf(uploadId).set(Number(url.searchParams.get('partNumber')), part);
    response.setHeader('ETag', `"${part.sha256}"`).end();
  }

  function complete(uploadId: string, text: string): void {
    const parts = partsOf(uploadId);
    const listed = [...text.matchAll(/<Part>.*?<\/Part>/gs)].map(([part]) => {
      const stored = parts.get(Number(part.match(/<PartNumber>(\d+)</)?.[1]));
      const etag = part.match(/<ETag>(?:"|&quot;)?([0-9a-f]+)/)?.[1];
      if (!stored || etag !== stored.sha256) throw new Error('InvalidPart');
      return stored;
    });
    if (listed.slice(0, -1).some(({ sizeBytes }) => sizeBytes < SMALLEST_PART)) throw new Error('EntityTooSmall');
    objects.finish(listed);
  }

  function partsOf(uploadId: string): Map<number, Part> {
    const parts = uploads.get(uploadId);
    if (!parts) throw new Error('NoSuchUpload');
    return parts;
  }
}

function xml(response: ServerResponse, name: string, facts: Readonly<Record<string, string>>): void {
  const inner = Object.entries(facts).map(([tag, value]) => `<${tag}>${value}</${tag}>`);
  response.setHeader('Content-Type', 'application/xml').end(`<${name}>${inner.join('')}</${name}>`);
}
