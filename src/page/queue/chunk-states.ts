import { cut } from '../../shared/chunks.ts';
import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import { listPieces } from '../../shared/staging/pieces.ts';
import { isSendable, isStaged } from '../../shared/upload.ts';
import type { UploadView } from './upload-views.ts';

/** The states of a chunk, as small numbers, because an upload may have ten thousand chunks. */
export const CHUNK_STATE = {
  unstaged: 0,
  staged: 1,
  backgroundFetch: 2,
  inFlight: 3,
  retrying: 4,
  acknowledged: 5,
} as const;

/**
 * One of `CHUNK_STATE` for each chunk, in order. An upload without a plan has one for each piece.
 */
export async function readChunkStates(db: UploadsDb, view: UploadView): Promise<Uint8Array> {
  const { plan, sizeBytes, stagedBytes, progress } = view;
  if (view.status === 'completed') return new Uint8Array(progress.chunksTotal).fill(CHUNK_STATE.acknowledged);
  const ends = plan ? cut(sizeBytes, plan).map(({ end }) => end) : listPieceEnds(view);
  const isFetched = view.status === 'waiting' && view.wait.reason === 'background-fetch';
  const ready = isFetched ? CHUNK_STATE.backgroundFetch : CHUNK_STATE.staged;
  const states = Uint8Array.from(ends, (end) => (end <= stagedBytes || isStaged(view) ? ready : CHUNK_STATE.unstaged));
  const mark = (indices: readonly number[], state: number) => {
    for (const index of indices) if (index < states.length) states[index] = state;
  };
  if (!plan) return states;
  // Skips a needless read, because a scrolled list asks for hundreds of uploads a second.
  if (progress.chunksUploaded > 0) {
    mark(await db.listAcknowledged(view.id, view.generation), CHUNK_STATE.acknowledged);
  }
  if (!isSendable(view)) return states;
  mark(progress.retrying ?? [], CHUNK_STATE.retrying);
  mark(progress.inFlight ?? [], CHUNK_STATE.inFlight);
  return states;
}

/** One file of an upload, composed of its pieces; null if some of them are missing. */
export async function readStagedFile(db: UploadsDb, { id, files }: UploadView, n: number): Promise<Blob | null> {
  const pieces = listPieces(files).filter(({ fileIndex }) => fileIndex === n);
  const first = pieces[0]?.n ?? 0;
  const bodies = await db.pieces(id, first, first + pieces.length);
  return bodies.length < pieces.length ? null : new Blob(bodies, { type: files[n]?.type ?? '' });
}

function listPieceEnds({ files, sizeBytes }: UploadView): number[] {
  let end = 0;
  const ends = listPieces(files).map((piece) => {
    end += piece.end - piece.start;
    return end;
  });
  return ends.length === 0 ? [sizeBytes] : ends;
}
