import type { Random } from '../soak/random.ts';

type Some<T> = readonly [T, ...T[]];

/** The target of a file name that is taken for a path. Nothing may ever be written there. */
export const ESCAPE = '/tmp/parallel-chunk-uploader-fuzz-escape';

const NUMBERS: Some<string> = [
  '-1',
  '-0',
  '+1',
  '1.5',
  '1e3',
  '0x10',
  '00000000000000000000000000000001',
  '9007199254740992',
  '99999999999999999999',
  '999999999999999',
  'NaN',
  'Infinity',
  '١٢٣',
  ' 1',
  '1 ',
  '1,000',
  '',
];
const NAMES: Some<string> = [
  `../../../../../../../../..${ESCAPE}`,
  ESCAPE,
  '../escape',
  '..\\..\\escape',
  '..',
  '.',
  '/',
  '',
  'nul\0byte',
  'a'.repeat(4096),
  'x'.repeat(255),
  'gpj.\u202eexe',
  'שלום\u200f.txt',
  '😀.png',
  'e\u0301'.repeat(100),
  'line\r\nbreak',
  '"quoted"; filename="other"',
  'CON',
  'trailing. ',
  '<img src=x onerror=alert(1)>',
];
const WORDS: Some<string> = [
  '__proto__',
  'constructor',
  'toString',
  '[object Object]',
  'null',
  'true',
  "' or 1=1 --",
  '{{7*7}}',
  '%00',
  '%2e%2e%2f',
  'a'.repeat(70_000),
  '\u0000',
  '\ufeff',
];
const BYTES: Some<Buffer> = [
  // Half a surrogate pair in UTF-8, an overlong slash, a byte that is never UTF-8, and half a pair
  // in UTF-16.
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xc0, 0xaf]),
  Buffer.from([0xff, 0xfe, 0x00]),
  Buffer.from([0x3d, 0xd8]),
];

/** A value that a field may not expect. */
export function pickNastyValue(random: Random): Buffer {
  switch (random.whole(0, 4)) {
    case 0:
      return Buffer.from(random.pick(NUMBERS));
    case 1:
      return pickNastyName(random);
    case 2:
      return Buffer.from(random.pick(WORDS));
    default:
      return random.pick(BYTES);
  }
}

/** A file name with unexpected characters. */
export function pickNastyName(random: Random): Buffer {
  return Buffer.from(random.pick(NAMES));
}

/** Random bytes, equal for equal streams. */
export function randomBytes(random: Random, sizeBytes: number): Buffer {
  return Buffer.from(Array.from({ length: sizeBytes }, () => random.whole(0, 256)));
}

/** True once in `among`. */
export function oneIn(random: Random, among: number): boolean {
  return random.whole(0, among) === 0;
}
