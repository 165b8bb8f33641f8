import { createHash } from 'node:crypto';
import type { Random } from '../soak/random.ts';
import { createOddPart, field, file, type Multipart, multipart, type Part } from './multipart.ts';
import { oneIn, pickNastyName, pickNastyValue, randomBytes } from './values.ts';

/**
 * As wide as the ids and tickets of the server, so that filling them in keeps the length of a body.
 */
const SESSION_WIDTH = 24;
const TICKET_WIDTH = 43;
const TYPES = ['file', 'zip', 'zip_no_qr', 'images'] as const;
const CHARSETS = ['utf-16le', 'latin1', 'base64', 'nonsense', 'utf-7'] as const;

/** A placeholder for an id or ticket that the server issued. */
export function placeholder(what: 'session' | 'ticket' | 'batch', n: number): string {
  return `@${what}${n}`.padEnd(what === 'ticket' ? TICKET_WIDTH : SESSION_WIDTH, '@');
}

/** The form of a chunk that the server may accept. */
export function createValidChunk(random: Random): Part[] {
  const total = random.whole(1, 4);
  const index = random.whole(0, total);
  const size = random.whole(0, 1500);
  const bytes = randomBytes(random, size);
  const fields: Record<string, string> = {
    chunk_index: `${index}`,
    total_chunks: `${total}`,
    filename: `film ${random.whole(0, 9)}.mov`,
    upload_type: random.pick(['file', 'zip']),
    is_final_chunk: `${index === total - 1}`,
  };
  if (oneIn(random, 2)) fields.idempotency_key = `key ${random.whole(0, 500)}`;
  if (oneIn(random, 3)) fields.generation = `${random.whole(0, 3)}`;
  if (oneIn(random, 3)) fields.chunk_sha256 = createHash('sha256').update(bytes).digest('hex');
  if (oneIn(random, 3)) fields.notes = 'notes';
  if (oneIn(random, 4)) fields.profile_id = '7';
  if (oneIn(random, 4)) fields.encoded_filename = 'film%20%22%F0%9F%98%80%22%0A.mov';
  if (!fields.idempotency_key) fields.chunk_index = '0';
  return [...toParts(fields), file('chunk', Buffer.from('film.part0'), bytes)];
}

/** A chunk whose first bytes the server keeps if the request is cut, or one that continues them. */
export function createLargeChunk(random: Random): Part[] {
  const bytes = Buffer.alloc(random.whole(60_000, 150_000), 'x');
  const index = random.whole(0, 3);
  const kept = oneIn(random, 2) ? 0 : random.whole(60_000, 150_000);
  const fields: Record<string, string> = {
    chunk_index: `${index}`,
    total_chunks: `${random.whole(3, 5)}`,
    filename: 'film.mov',
    upload_type: 'file',
    is_final_chunk: `${index === 2}`,
    idempotency_key: `large ${random.whole(0, 20)}`,
    generation: `${random.whole(0, 2)}`,
    chunk_offset: `${index * 150_000 + kept}`,
    file_size: '450000',
  };
  if (kept > 0) fields.partial_sha256 = createHash('sha256').update(Buffer.alloc(kept, 'x')).digest('hex');
  else if (oneIn(random, 2)) fields.partial_sha256 = '';
  return [...toParts(fields), file('chunk', Buffer.from('film.part'), bytes)];
}

/** A chunk for some session of any user, of this or another plan. */
export function createMixedChunk(random: Random): Part[] {
  const n = random.whole(0, 40);
  const fields: Record<string, string> = { upload_id: placeholder('session', n) };
  if (oneIn(random, 3)) fields.ticket = placeholder('ticket', oneIn(random, 4) ? random.whole(0, 40) : n);
  if (oneIn(random, 3)) fields.chunk_offset = `${random.whole(0, 4000)}`;
  if (oneIn(random, 3)) fields.file_size = `${random.whole(0, 4000)}`;
  const all = createValidChunk(random);
  const chunk = all.pop();
  return [...all, ...toParts(fields), ...(chunk ? [chunk] : [])];
}

/** The form of a direct upload that the server may accept. */
export function createValidDirect(random: Random): Part[] {
  const upload_type = random.pick(TYPES);
  const fields: Record<string, string> = { upload_type, task_id: 'task' };
  if (oneIn(random, 4)) fields.encoded_filename = 'picture%20%22%F0%9F%98%80%22%0A.jpg';
  if (oneIn(random, 2)) fields.idempotency_key = `key ${random.whole(0, 500)}`;
  const count = upload_type === 'images' ? random.whole(0, 5) : 1;
  const name = upload_type === 'images' ? 'files' : 'file';
  const files = Array.from({ length: count }, (_, n) =>
    file(name, Buffer.from(`${n}.jpg`), randomBytes(random, random.whole(0, 800))),
  );
  return [...toParts(fields), ...files];
}

/** Damages the parts of a form. */
export function spoilParts(parts: readonly Part[], random: Random): Part[] {
  const spoilt = [...parts];
  for (let times = random.whole(1, 4); times > 0; times--) {
    const n = random.whole(0, spoilt.length + 1);
    const name = /name="([^"]*)"/.exec(spoilt[n]?.headers[0] ?? '')?.[1] ?? 'other';
    spoilt.splice(n, oneIn(random, 3) ? 0 : 1, ...createReplacement(name, random));
  }
  return spoilt;
}

function createReplacement(name: string, random: Random): Part[] {
  switch (random.whole(0, 8)) {
    case 0:
      return [];
    case 1:
      return [field(name, '1'), field(name, '1')];
    case 2:
      return [field(name, pickNastyValue(random), `Content-Type: text/plain; charset=${random.pick(CHARSETS)}`)];
    case 3:
      return [field(name, pickNastyValue(random), 'Content-Transfer-Encoding: base64')];
    case 4:
      return [file(name, pickNastyName(random), randomBytes(random, 100))];
    case 5:
      return Array.from({ length: random.whole(1, 60) }, (_, n) => field(`more ${n}`, 'x'));
    case 6:
      return [createOddPart(random)];
    default:
      return [field(name, pickNastyValue(random))];
  }
}

/** A chunk or a direct upload with a name like a path. */
export function createNastyName(random: Random): { path: string; form: Multipart } {
  const bytes = randomBytes(random, 50);
  if (oneIn(random, 2)) {
    const parts = [field('upload_type', 'file'), file('file', pickNastyName(random), bytes)];
    return { path: '/api/batches/upload', form: multipart(parts) };
  }
  const fields = { chunk_index: '0', total_chunks: '1', upload_type: 'file', is_final_chunk: 'true' };
  const parts = [
    ...toParts(fields),
    field('filename', pickNastyName(random)),
    file('chunk', pickNastyName(random), bytes),
  ];
  return { path: '/api/batches/upload-chunk', form: multipart(parts) };
}

function toParts(fields: Readonly<Record<string, string>>): Part[] {
  return Object.entries(fields).map(([name, value]) => field(name, value));
}
