import type { FileInfo } from '../upload.ts';

/** How much of a file one record of the database holds, in bytes: how we store, whatever we send. */
export const PIECE_BYTES = 8 * 1024 * 1024;

/** One stretch `[start, end)` of one file of an upload; `n` counts the pieces of the whole upload. */
export interface Piece {
  readonly n: number;
  readonly fileIndex: number;
  readonly start: number;
  readonly end: number;
}

/** The pieces of an upload's files, in order; a file always begins a new piece, and an empty one has none. */
export function listPieces(files: readonly FileInfo[]): Piece[] {
  const pieces: Piece[] = [];
  for (const [file, { sizeBytes }] of files.entries()) {
    for (let start = 0; start < sizeBytes; start += PIECE_BYTES) {
      pieces.push({ n: pieces.length, fileIndex: file, start, end: Math.min(start + PIECE_BYTES, sizeBytes) });
    }
  }
  return pieces;
}
