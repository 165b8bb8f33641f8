import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import type { Upload } from '../../shared/upload.ts';

/** Reading this many takes a few ms, so other reads of the database wait no longer. */
const PAGE_SIZE = 500;

/**
 * The uploads of one user in their order, page by page. An upload that shares its rank may
 * come twice.
 */
export async function* readPages(db: UploadsDb, ownerId: string): AsyncGenerator<Upload[]> {
  let fromRank: number | undefined;
  for (let pageSize = PAGE_SIZE; ; ) {
    const { uploads, nextRank } = await db.readPage(ownerId, fromRank, pageSize);
    yield uploads;
    if (nextRank === null) return;
    // More uploads than a page have one rank: only a larger page gets past them.
    if (nextRank === fromRank) pageSize *= 2;
    fromRank = nextRank;
  }
}
