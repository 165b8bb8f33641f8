import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Objects, Part } from './objects.ts';
import type { Protocol } from './sink.ts';

interface TusUpload {
  readonly length: number;
  readonly isPartial: boolean;
  offset: number;
  readonly parts: Part[];
  /** The request that appends bytes. Later requests wait for it, as with the locks of tusd. */
  appending: Promise<void>;
}

/**
 * tus 1.0.0 (https://tus.io/protocols/resumable-upload): core, creation, creation-with-upload and
 * concatenation.
 */
export function tus(objects: Objects): Protocol {
  const uploads: TusUpload[] = [];

  return async (request, response, url) => {
    response.setHeader('Tus-Resumable', '1.0.0');
    if (request.method === 'POST') return create(request, response);
    const upload = uploads[Number(url.pathname.split('/')[2])];
    if (!upload) return void response.writeHead(404).end();
    await upload.appending;
    // The Server MUST always include the Upload-Offset header in the response for a HEAD request.
    if (request.method === 'HEAD') return void answer(response, 200, upload);
    // If the offsets do not match, the Server MUST respond with the 409 Conflict status.
    if (Number(request.headers['upload-offset']) !== upload.offset) return refuse(response);
    await append(request, upload);
    answer(response, 204, upload);
  };

  async function create(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const concat = String(request.headers['upload-concat'] ?? '');
    const length = Number(request.headers['upload-length'] ?? 0);
    const upload: TusUpload = {
      length,
      isPartial: concat === 'partial',
      offset: 0,
      parts: [],
      appending: Promise.resolve(),
    };
    const index = uploads.push(upload) - 1;
    response.setHeader('Location', `/tus/${index}`);
    if (concat.startsWith('final;')) {
      request.resume();
      const partials = concat.slice('final;'.length).split(' ');
      const parts = partials.flatMap((path) => uploads[Number(path.split('/').at(-1))]?.parts ?? []);
      objects.finish(parts);
      await objects.wait();
    } else await append(request, upload);
    answer(response, 201, upload);
  }

  function append(request: IncomingMessage, upload: TusUpload): Promise<void> {
    upload.appending = objects.store(request).then((part) => {
      // The Server SHOULD always attempt to store as much of the received data as possible.
      upload.parts.push(part);
      upload.offset += part.sizeBytes;
      if (upload.offset === upload.length && !upload.isPartial) objects.finish(upload.parts);
    });
    return upload.appending;
  }
}

/** Closes the connection: Chromium reads the response only after it has sent the body. */
function refuse(response: ServerResponse): void {
  response.writeHead(409, { Connection: 'close' }).end();
}

function answer(response: ServerResponse, status: number, { offset, length }: TusUpload): void {
  response.writeHead(status, { 'Upload-Offset': offset, 'Upload-Length': length, 'Cache-Control': 'no-store' }).end();
}
