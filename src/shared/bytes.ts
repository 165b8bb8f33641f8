import { UploadError } from './errors.ts';
import { PIECE_BYTES, piecesOf } from './pieces.ts';
import type { Upload } from './upload.ts';
import type { UploadsDb } from './uploads-db.ts';

/**
 * The bytes `[start, end)` of a staged single file, composed of its pieces without being read.
 *
 * @throws UploadError `unreadable_file` when the browser has thrown staged bytes away.
 */
export async function bytesOf(db: UploadsDb, upload: Upload, start: number, end: number): Promise<Blob> {
  const from = Math.floor(start / PIECE_BYTES);
  const pieces = await db.pieces(upload.id, from, Math.ceil(end / PIECE_BYTES));
  const whole = new Blob(pieces);
  const offset = start - from * PIECE_BYTES;
  const blob = whole.slice(offset, offset + end - start);
  if (blob.size !== end - start) throw bytesGone();
  return blob;
}

/** Every file of an upload as a Blob of its own type. */
export async function filesOf(db: UploadsDb, upload: Upload): Promise<Blob[]> {
  const plan = piecesOf(upload.files);
  const pieces = await db.pieces(upload.id, 0, plan.length);
  return upload.files.map(({ type, sizeBytes }, file) => {
    const own = pieces.filter((_, n) => plan[n]?.file === file);
    const blob = new Blob(own, { type });
    if (blob.size !== sizeBytes) throw bytesGone();
    return blob;
  });
}

/** One chunk is hashed at a time, because a digest needs all its bytes in memory at once. */
export class Hasher {
  #last: Promise<unknown> = Promise.resolve();
  #ahead: { key: string; digest: Promise<string> } | null = null;

  /** SHA-256, hex: what `prepare` has begun for this key, or a new one. */
  digest(key: string, bytes: () => Promise<Blob>): Promise<string> {
    if (this.#ahead?.key === key) return this.#ahead.digest;
    const digest = this.#last.then(async () => sha256(await bytes()));
    this.#last = digest.catch(() => undefined);
    return digest;
  }

  /** Begins the one that is needed next, so that no connection is idle for it. */
  prepare(key: string, bytes: () => Promise<Blob>): void {
    if (this.#ahead?.key === key) return;
    const digest = this.digest(key, bytes);
    this.#ahead = { key, digest };
    // Whoever asks for it later meets the failure itself.
    digest.catch(() => {
      if (this.#ahead?.digest === digest) this.#ahead = null;
    });
  }
}

async function sha256(blob: Blob): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bytesGone(): UploadError {
  return new UploadError('unreadable_file', 'The browser has lost the copy of this file. Choose the file again.');
}
