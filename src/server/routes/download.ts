import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { ApiError } from '../errors.ts';

/** A file that can be read from any position. */
export interface Download {
  readonly name: string;
  readonly sizeBytes: number;
  /** The bytes `[start, end)`. */
  readonly open: (start: number, end: number) => Promise<Readable>;
}

/**
 * Sends a file, or one range of it.
 *
 * @throws ApiError 416 `bad_range`.
 */
export async function sendFile(reply: FastifyReply, file: Download, rangeHeader: string | undefined) {
  const { name, sizeBytes, open } = file;
  const range = parseRange(rangeHeader, sizeBytes);
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  if (range && start >= end) {
    reply.header('Content-Range', `bytes */${sizeBytes}`);
    throw new ApiError(416, 'bad_range', `The file has ${sizeBytes} bytes. Request a range within.`);
  }
  if (range) reply.code(206).header('Content-Range', `bytes ${start}-${end - 1}/${sizeBytes}`);
  return reply
    .headers({
      'Accept-Ranges': 'bytes',
      'Content-Length': end - start,
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': toContentDisposition(name),
      'Cache-Control': 'private, no-store',
    })
    .send(await open(start, end));
}

/**
 * Parses one range of bytes, `[start, end)` (RFC 9110, 14.1.2). Several ranges at once are not
 * supported. An empty range cannot be satisfied.
 *
 * @returns undefined when there is no range to honour: "An origin server MUST ignore a Range header
 *   field that contains a range unit it does not understand".
 */
function parseRange(header: string | undefined, sizeBytes: number): { start: number; end: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return { start: Math.max(0, sizeBytes - Number(to)), end: sizeBytes };
  if (to === '') return { start: Number(from), end: sizeBytes };
  if (Number(to) < Number(from)) return undefined;
  return { start: Number(from), end: Math.min(Number(to) + 1, sizeBytes) };
}

/**
 * The stored name, without characters that form a path or hide the extension (RFC 6266, RFC 5987).
 */
export function toContentDisposition(name: string): string {
  const safe = name.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069/\\]/gu, '_');
  const encoded = encodeURIComponent(safe).replace(/['()*]/g, percentEncode);
  return `attachment; filename="file"; filename*=UTF-8''${encoded}`;
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
