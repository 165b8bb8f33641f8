import { createUpload } from '../../src/shared/create-upload.ts';
import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { findDuplicates } from '../../src/shared/duplicates.ts';
import { createMetadata } from '../../src/shared/metadata.ts';
import { stage } from '../../src/shared/staging/staging.ts';
import { withState } from '../../src/shared/upload.ts';

/** Where the manifest sends what another app shares. */
const SHARE_PATH = '/share';

/** Whether a request is another app's share. */
export function isShareRequest({ method, url }: Request): boolean {
  return method === 'POST' && new URL(url).pathname === SHARE_PATH;
}

/**
 * Queues and stages what another app shared, for whoever is signed in or was last; nothing of it needs the network.
 *
 * What the queue has already is staged but paused, because only the user can say whether it is to be sent again.
 *
 * A file that cannot be copied ends it, and leaves nothing of itself behind.
 *
 * @param told is called with an upload's id when its record has changed.
 * @returns where in the app the user is led: to the queue, with what there is to say about it.
 */
export async function stageSharedFiles(db: UploadsDb, request: Request, told: (id: string) => void): Promise<string> {
  const ownerId = (await db.settings.getCredentials())?.userId ?? (await db.settings.getLastUserId());
  if (ownerId === null) return '/?share=nobody';
  const form = await request.formData();
  const files = form.getAll('files').filter((value) => value instanceof File);
  // Some apps share words alone.
  if (files.length === 0) return '/?share=nothing';
  const metadata = createMetadata({ uploadType: 'file', notes: createNotes(form) });
  const again = new Set(findDuplicates(files, metadata, await db.list(ownerId), { dated: false }));
  const asked: string[] = [];
  for (const file of files) {
    const fresh = createUpload([file], metadata, ownerId);
    const upload = await db.add(again.has(file) ? withState(fresh, { status: 'paused' }) : fresh);
    if (again.has(file)) asked.push(upload.id);
    await stage(db, upload.id, [file], () => told(upload.id)).catch(async (error: unknown) => {
      // Half a copy would be taken for the file when it is shared again, and nobody could complete it.
      await db.remove(upload.id);
      told(upload.id);
      throw error;
    });
  }
  return `/?${new URLSearchParams({ share: String(files.length), again: asked.join(',') })}`;
}

/** The words that came along; null for none. */
function createNotes(form: FormData): string | null {
  const words = ['title', 'text', 'url'].map((name) => form.get(name)).filter((value) => typeof value === 'string');
  return words.filter((value) => value !== '').join(' ') || null;
}
