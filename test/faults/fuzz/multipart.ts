import type { Random } from '../soak/random.ts';
import { oneIn, randomBytes } from './values.ts';

/** One part of a form: headers without their line end, and bytes. */
export interface Part {
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** A body and its boundary. */
export interface Multipart {
  readonly boundary: string;
  readonly body: Buffer;
}

export function field(name: string, value: string | Buffer, ...headers: string[]): Part {
  const disposition = `Content-Disposition: form-data; name="${name}"`;
  return { headers: [disposition, ...headers], body: Buffer.from(value) };
}

export function file(name: string, filename: Buffer, body: Buffer): Part {
  // As latin1, to keep every byte of the name.
  const words = filename.toString('latin1').replace(/["\r\n]/g, '_');
  const disposition = `Content-Disposition: form-data; name="${name}"; filename="${words}"`;
  return { headers: [disposition, 'Content-Type: application/octet-stream'], body };
}

export function multipart(parts: readonly Part[], boundary = 'fuzz-boundary'): Multipart {
  const pieces = parts.flatMap(({ headers, body }) => [
    Buffer.from(`--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n`, 'latin1'),
    body,
    Buffer.from('\r\n'),
  ]);
  return { boundary, body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]) };
}

/** Breaks a form in one of several ways. */
export function breakForm(form: Multipart, random: Random): Multipart {
  const { boundary, body } = form;
  const at = random.whole(0, body.length);
  const to = Math.min(body.length, at + random.whole(1, 200));
  switch (random.whole(0, 12)) {
    case 0:
      return { boundary, body: flipBit(body, random) };
    case 1:
      return { boundary, body: Buffer.concat([body.subarray(0, at), body.subarray(to)]) };
    case 2:
      return { boundary, body: Buffer.concat([body.subarray(0, to), body.subarray(at)]) };
    case 3:
      return { boundary, body: body.subarray(0, at) };
    case 4:
      return { boundary, body: Buffer.from(body.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') };
    case 5:
      return { boundary: random.pick(['', 'other', '"', 'b'.repeat(300), '=?', 'a b']), body };
    case 6:
      return { boundary, body: Buffer.concat([randomBytes(random, 500), body]) };
    case 7:
      return { boundary, body: Buffer.concat([body, randomBytes(random, 500)]) };
    case 8:
      return { boundary, body: randomBytes(random, 1000) };
    case 9:
      return { boundary, body: Buffer.alloc(0) };
    case 10:
      return { boundary, body: Buffer.from(`--${boundary}\r\n`.repeat(random.whole(1, 3000))) };
    default:
      return { boundary, body: Buffer.concat([body, body]) };
  }
}

/** A part that is neither a field nor a file of any form. */
export function createOddPart(random: Random): Part {
  const disposition = 'Content-Disposition: form-data';
  const body = randomBytes(random, 20);
  switch (random.whole(0, 8)) {
    case 0:
      return { headers: [], body };
    case 1:
      return { headers: [disposition], body };
    case 2:
      return { headers: [`${disposition}; name=""`], body };
    case 3:
      return { headers: [`${disposition}; name="x"`, `X-Long: ${'x'.repeat(20_000)}`], body };
    case 4:
      return { headers: [`${disposition}; name="x"`, 'Content-Type: multipart/mixed; boundary=inner'], body };
    case 5:
      return { headers: [`${disposition}; name="${'n'.repeat(5000)}"`], body };
    case 6:
      return { headers: [`${disposition}; name="f"; filename*=utf-8''%ff%2e%2e%2fescape`], body };
    default:
      return { headers: Array.from({ length: 50 }, (_, n) => `X-${n}: ${n}`), body };
  }
}

function flipBit(body: Buffer, random: Random): Buffer {
  const copy = Buffer.from(body);
  for (let n = 0; n < 1 + copy.length / 100; n++) {
    if (oneIn(random, 2)) copy[random.whole(0, copy.length)] = random.whole(0, 256);
  }
  return copy;
}
