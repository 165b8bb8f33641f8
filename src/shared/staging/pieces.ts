import type { FileInfo } from '../upload.ts';

/** The size of a piece in bytes, which is independent of the size of chunks. */
export const PIECE_BYTES = 8 * 1024 * 1024;

/** The bytes `[start, end)` of one file of an upload. */
export interface Piece {
  /** Counts the pieces of the whole upload. */
  readonly n: number;
  readonly fileIndex: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The pieces of an upload's files, in order. Each file starts with a new piece; empty files have
 * none.
 */
export function listPieces(files: readonly FileInfo[]): Piece[] {
  const pieces: Piece[] = [];
  for (const [file, { sizeBytes }] of files.entries()) {
    for (let start = 0; start < sizeBytes; start += PIECE_BYTES) {
      pieces.push({ n: pieces.length, fileIndex: file, start, end: Math.min(start + PIECE_BYTES, sizeBytes) });
    }
  }
  return pieces;
}
