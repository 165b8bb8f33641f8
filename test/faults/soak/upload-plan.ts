import type { BasicFields } from '../../../src/page/index.ts';
import type { Random } from './random.ts';

/** The level of the server, see `src/server/README.md`. */
export type Level = 'extended' | 'basic';

/** One upload that a user will queue. */
export interface PlannedUpload {
  /** The name of its first file, which identifies the upload. */
  readonly name: string;
  readonly owner: string;
  readonly fields: Required<BasicFields>;
  /** Sizes of its files: several for images, otherwise one. */
  readonly sizes: readonly number[];
}

export const USERS = ['ada', 'bob'] as const;

const KB = 1000;
const MB = 1000 * KB;
/**
 * The number of uploads from which a soak is long: with the largest files and with faults that take
 * minutes.
 */
export const LONG_SOAK_UPLOADS = 60;
/** The largest file, in bytes. That of a long soak exceeds one request at either level. */
const LARGEST = { long: 120 * MB, short: 16 * MB };

/** Small enough for thousands of chunks. The basic level cuts only what exceeds one request. */
export const CHUNK_BYTES = { extended: 512 * 1024, basic: 4 * 1024 * 1024 } as const;

/** Ranges of sizes with their share. */
const SIZES: readonly (readonly [share: number, from: number, to: number])[] = [
  [0.06, 0, 1],
  [0.04, 1, 2],
  [0.4, 2, 500 * KB],
  [0.33, 500 * KB, 4 * MB],
  [0.13, 4 * MB, 16 * MB],
  [0.04, 16 * MB, 50 * MB],
];

/** Plans a mixed queue of several users. The first upload of each user is the largest. */
export function planUploads(count: number, level: Level, random: Random): PlannedUpload[] {
  const largest = count >= LONG_SOAK_UPLOADS || level === 'basic' ? LARGEST.long : LARGEST.short;
  return Array.from({ length: count }, (_, i) => {
    const owner = USERS[i < 2 ? i : Number(random.next() < 0.3)] ?? USERS[0];
    const number = String(i).padStart(3, '0');
    if (i % 20 === 7) return images(number, owner, random);
    // At the basic level a file that fits one request is sent whole, and some must not fit.
    const isLarge = i === 0 || (level === 'basic' && i % 20 === 1);
    const size = isLarge ? largest - random.whole(0, MB) : Math.min(largest, drawSize(random));
    const type = random.pick(['file', 'file', 'zip', 'zip_no_qr']);
    const name = `${number} ${random.pick(['plain', 'größe', 'имя', 'a b.c', '写真'])}.bin`;
    return { name, owner, fields: drawFields(type, random), sizes: [size] };
  });
}

/** Bytes of all its files. */
export function sumFileSizes({ sizes }: PlannedUpload): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The name of the nth file of an upload. */
export function getFileName({ name, sizes }: PlannedUpload, n: number): string {
  return sizes.length === 1 ? name : name.replace(/0\.jpg$/, `${n}.jpg`);
}

/** Number of requests without any fault. */
export function countRequests(planned: PlannedUpload, level: Level): number {
  const isWhole = planned.sizes.length > 1 || (level === 'basic' && sumFileSizes(planned) < 100 * MB);
  return isWhole ? 1 : Math.max(1, Math.ceil(sumFileSizes(planned) / CHUNK_BYTES[level]));
}

function images(number: string, owner: string, random: Random): PlannedUpload {
  const sizes = Array.from({ length: random.whole(2, 7) }, () => random.whole(10 * KB, 400 * KB));
  return { name: `${number} photo 0.jpg`, owner, fields: drawFields('images', random), sizes };
}

function drawSize(random: Random): number {
  let left = random.next();
  for (const [share, from, to] of SIZES) {
    left -= share;
    if (left < 0) return random.whole(from, to);
  }
  return 0;
}

function drawFields(uploadType: string, random: Random): Required<BasicFields> {
  const needsTask = uploadType === 'zip_no_qr' || uploadType === 'images';
  return {
    uploadType,
    taskId: needsTask || random.next() < 0.3 ? `task ${random.whole(0, 50)}` : null,
    notes: random.pick([null, '', 'north wing', 'zwölf Äpfel\r\nund mehr']),
    profileId: random.pick([null, 0, 42]),
  };
}
