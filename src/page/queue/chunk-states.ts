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
  const ends = plan ? cut(sizeBytes, plan).map(({ end }) => end) : listPieceEnds(sizeBytes);
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

function listPieceEnds(sizeBytes: number): number[] {
  return sizeBytes === 0 ? [0] : listPieces(sizeBytes).map(({ end }) => end);
}
