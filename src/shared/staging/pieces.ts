import type { UploadsDb } from '../db/uploads-db.ts';
import type { FileInfo, Upload } from '../upload.ts';

/** The size of a piece in bytes, which is independent of the size of chunks. */
export const PIECE_BYTES = 8 * 1024 * 1024;

/** The bytes `[start, end)` of an upload, which are the concatenation of its files. */
export interface Piece {
  /** Counts the pieces of the upload. */
  readonly n: number;
  readonly start: number;
  readonly end: number;
}

/** The pieces of an upload in order: small files share one, a large file has several. */
export function listPieces(sizeBytes: number): Piece[] {
  return listPiecesFrom(0, 0, sizeBytes);
}

/** The pieces of an upload as it is staged, which depends on the version that staged it. */
export async function readPieces(db: UploadsDb, upload: Upload): Promise<Piece[]> {
  if (!upload.hasPiecesPerFile) return listPieces(upload.sizeBytes);
  return listPiecesPerFile(await db.listFiles(upload));
}

/** How many pieces are staged. */
export function countStaged(pieces: readonly Piece[], stagedBytes: number): number {
  const first = pieces.findIndex(({ end }) => end > stagedBytes);
  return first < 0 ? pieces.length : first;
}

/** The pieces that hold the bytes `[start, end)` of an upload. */
export async function readPiecesOfRange(db: UploadsDb, upload: Upload, start: number, end: number): Promise<Piece[]> {
  if (start === end) return [];
  // An upload of gigabytes has thousands of pieces, and as many chunks are read.
  if (!upload.hasPiecesPerFile) {
    const first = Math.floor(start / PIECE_BYTES);
    return listPiecesFrom(first, first * PIECE_BYTES, end);
  }
  return (await readPieces(db, upload)).filter((piece) => piece.end > start && piece.start < end);
}

/** Pieces as versions 1 to 4 of the database staged them; empty files have none. */
function listPiecesPerFile(files: readonly FileInfo[]): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  for (const { sizeBytes } of files) {
    pieces.push(...listPiecesFrom(pieces.length, start, start + sizeBytes));
    start += sizeBytes;
  }
  return pieces;
}

function listPiecesFrom(firstN: number, from: number, to: number): Piece[] {
  return Array.from({ length: Math.ceil((to - from) / PIECE_BYTES) }, (_, i) => {
    const start = from + i * PIECE_BYTES;
    return { n: firstN + i, start, end: Math.min(start + PIECE_BYTES, to) };
  });
}
