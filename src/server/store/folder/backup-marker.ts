import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const POLL_MS = 1000;
/** A marker that is older was forgotten. */
const MAX_AGE_MS = 24 * 60 * 60_000;

/**
 * Resolves when no backup is running: when there is no marker, or it is a day old.
 *
 * A copy of the folder is not atomic. While it runs, bytes that a manifest names must stay where
 * they are: the copy may have one of both already.
 */
export async function whenNoBackup(marker: string, signal: AbortSignal): Promise<void> {
  while (await isFresh(marker)) await setTimeout(POLL_MS, undefined, { signal });
}

async function isFresh(marker: string): Promise<boolean> {
  const found = await stat(marker).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs < MAX_AGE_MS;
}
