import { execFileSync } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Peer } from './peer.ts';

/**
 * Blocks all joins until `release`: a chunk of a first batch is a pipe, and opening it
 * waits for a writer. The chunks of that batch are never joined.
 */
export async function holdJoining(ada: Peer, dataDir: string): Promise<() => Promise<void>> {
  const { upload_id } = (await ada.chunk(0, 'x', { total_chunks: 2 })).json;
  const pipe = join(dataDir, 'sessions', upload_id, '0-next-1');
  await rm(pipe);
  execFileSync('mkfifo', [pipe]);
  expect((await ada.chunk(1, '', { upload_id, total_chunks: 2 })).json.batch_id).toEqual(expect.any(String));
  return async () => (await open(pipe, 'w')).close();
}
