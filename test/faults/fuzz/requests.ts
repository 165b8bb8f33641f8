import type { Random } from '../soak/random.ts';
import {
  createLargeChunk,
  createMixedChunk,
  createNastyName,
  createValidChunk,
  createValidDirect,
  placeholder,
  spoilParts,
} from './chunks.ts';
import { breakForm, type Multipart, multipart } from './multipart.ts';
import { oneIn, pickNastyValue, randomBytes } from './values.ts';

/** How the bytes of a request are sent. */
export type Manner = 'whole' | 'slow' | 'cut' | 'aborted' | 'stalled';

/** A request as bytes, with placeholders that are filled in before it is sent. */
export interface FuzzRequest {
  readonly kind: string;
  readonly manner: Manner;
  /** Up to the empty line, latin1. */
  readonly head: string;
  readonly body: Buffer;
  /** Bytes of the body that are sent before it is cut or stalls. */
  readonly sentBytes: number;
}

/** Larger than the limit of the server for one body. */
const TOO_MUCH = 300_000;
const CHUNK = '/api/batches/upload-chunk';
const DIRECT = '/api/batches/upload';

type Maker = (random: Random) => { head: string[]; body: Buffer };

/** Kinds of requests with their share. */
const KINDS: readonly (readonly [share: number, kind: string, make: Maker])[] = [
  [14, 'good chunk', (random) => post(CHUNK, multipart(createValidChunk(random)), random)],
  [3, 'good direct', (random) => post(DIRECT, multipart(createValidDirect(random)), random)],
  [3, 'large chunk', (random) => post(CHUNK, multipart(createLargeChunk(random)), random)],
  [16, 'mixed sessions', (random) => post(CHUNK, multipart(createMixedChunk(random)), random)],
  [22, 'spoiled chunk', (random) => post(CHUNK, multipart(spoilParts(mixedOrGood(random), random)), random)],
  [6, 'spoiled direct', (random) => post(DIRECT, multipart(spoilParts(createValidDirect(random), random)), random)],
  [13, 'broken form', (random) => post(CHUNK, breakForm(multipart(mixedOrGood(random)), random), random)],
  [8, 'names', namedRequest],
  [1, 'too large', tooLarge],
  [9, 'other routes', otherRoute],
  [4, 'sign-in', signIn],
  [4, 'no HTTP', garbage],
];
const DECK = KINDS.flatMap(([share, kind, make]) => Array.from({ length: share }, () => ({ kind, make })));

/** The next request of a stream. Equal streams give equal requests. */
export function nextRequest(random: Random): FuzzRequest {
  const [first = { kind: 'no HTTP', make: garbage }, ...others] = DECK;
  const { kind, make } = random.pick([first, ...others]);
  const { head, body } = make(random.fork());
  const manner = pickManner(kind, random);
  const sentBytes = manner === 'whole' || manner === 'slow' ? body.length : random.whole(0, body.length + 1);
  return { kind, manner, head: head.join('\r\n'), body, sentBytes };
}

function pickManner(kind: string, random: Random): Manner {
  const at = random.whole(0, 1000);
  if (kind === 'large chunk' && at < 700) return random.pick(['cut', 'aborted']);
  if (kind === 'no HTTP' || at < 880) return 'whole';
  if (at < 920) return 'cut';
  if (at < 960) return 'aborted';
  return at < 998 ? 'slow' : 'stalled';
}

function mixedOrGood(random: Random) {
  return oneIn(random, 2) ? createMixedChunk(random) : createValidChunk(random);
}

function post(path: string, { boundary, body }: Multipart, random: Random) {
  const type = oneIn(random, 30)
    ? random.pick(['text/plain', 'application/json', 'multipart/mixed', ''])
    : 'multipart/form-data';
  return request('POST', path, random, [`Content-Type: ${type}; boundary=${boundary}`], body);
}

function request(method: string, path: string, random: Random, headers: string[], body: Buffer) {
  const length = body.length > 0 || method === 'POST' ? [`Content-Length: ${body.length}`] : [];
  const token = pickToken(random);
  const authorization = token === '' ? [] : [`Authorization: Bearer ${token}`];
  const head = [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close'];
  return { head: [...head, ...authorization, ...headers, ...length], body };
}

function pickToken(random: Random): string {
  const at = random.whole(0, 100);
  if (at < 50) return '@token-ada';
  if (at < 90) return '@token-bob';
  if (at < 94) return '@token-old';
  return at < 97 ? 'x.y.z' : '';
}

function namedRequest(random: Random) {
  const { path, form } = createNastyName(random);
  return post(path, form, random);
}

function tooLarge(random: Random) {
  const body = Buffer.concat([multipart(createValidChunk(random)).body, Buffer.alloc(TOO_MUCH)]);
  return post(CHUNK, { boundary: 'fuzz-boundary', body }, random);
}

function otherRoute(random: Random) {
  const strange = encodeURIComponent(pickNastyValue(random).toString().slice(0, 2000));
  const id = oneIn(random, 2) ? strange : placeholder(random.pick(['session', 'batch']), random.whole(0, 40));
  const paths = [
    `${CHUNK}/${id}`,
    `${CHUNK}/${id}?cut=0,${random.pick(['1', '2', '', strange])}`,
    `/api/batches/${id}`,
    `/api/batches/${id}/files/0`,
    `/api/batches/${id}/files/${strange}`,
    '/api/auth/devices',
    `/api/auth/devices/${strange}`,
    '/api/guest-links',
    `/api/guest-links/${strange}`,
    '/api/guest/link',
    `/api/guest/batches/upload-chunk/${id}`,
  ];
  const [first = '', ...others] = [
    ...paths,
    `/api/batches?idempotency_key=${strange}`,
    '/api/%zz',
    '/api/../auth.json',
    `/${strange}`,
  ];
  const method = random.pick(['GET', 'GET', 'GET', 'DELETE', 'HEAD', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'QUERY']);
  const range = random.pick(['bytes=0-5', 'bytes=-5', 'bytes=9-1', `bytes=${'9'.repeat(40)}-`, 'bytes=0-1,3-4', 'x']);
  const headers = oneIn(random, 2) ? [`Range: ${range}`, 'Origin: https://elsewhere.example'] : [];
  return request(method, random.pick([first, ...others]), random, headers, Buffer.alloc(0));
}

function signIn(random: Random) {
  const routes = ['auth/session', 'auth/refresh', 'auth/sign-out', 'auth/devices/link', 'guest-links'] as const;
  const bodies = [
    '{"code":"x"}',
    '{"code":{}}',
    '{"code":"x","browser":[]}',
    '{"max_files":1,"max_bytes":1,"days":1}',
    '{"max_files":-1,"max_bytes":1e999,"days":"1"}',
    '{"__proto__":{}}',
    '{',
    '[]',
    'null',
    '"x"',
    `{"code":"${'x'.repeat(70_000)}"}`,
  ];
  const [first = '', ...others] = bodies;
  const body = Buffer.from(random.pick([first, ...others]));
  const headers = [
    'Content-Type: application/json',
    `Cookie: refresh=${random.pick(['x', '', ';;', 'a.1.b.c; refresh=x', 'a'.repeat(3000)])}`,
  ];
  return request('POST', `/api/${random.pick(routes)}`, random, headers, body);
}

function garbage(random: Random) {
  const words = [
    'HELLO',
    'GET / HTTP/9.9',
    'GET  HTTP/1.1',
    `GET /${'x'.repeat(20_000)} HTTP/1.1`,
    'POST / HTTP/1.1\r\nContent-Length: -1',
  ];
  const more = [
    'GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}`,
  ];
  const [first = '', ...others] = [...words, ...more];
  return { head: [random.pick([first, ...others])], body: randomBytes(random, random.whole(0, 300)) };
}
