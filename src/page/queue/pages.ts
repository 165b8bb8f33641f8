import type { UploadsDb } from '../../shared/db/uploads-db.ts';
import type { Upload } from '../../shared/upload.ts';

/** So many are read in some ms: what is asked of the database meanwhile waits no longer. */
const PAGE_SIZE = 500;

/** The uploads of one user in their order, some hundred at a time; one that shares its rank with others may come twice. */
export async function* readPages(db: UploadsDb, ownerId: string): AsyncGenerator<Upload[]> {
  let fromRank: number | undefined;
  for (let most = PAGE_SIZE; ; ) {
    const { uploads, nextRank } = await db.readPage(ownerId, fromRank, most);
    yield uploads;
    if (nextRank === null) return;
    // More of one rank than a slice holds: only a larger one gets beyond them.
    if (nextRank === fromRank) most *= 2;
    fromRank = nextRank;
  }
}
