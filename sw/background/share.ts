import { createUpload } from '../../src/shared/create-upload.ts';
import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { findDuplicates } from '../../src/shared/duplicates.ts';
import { toFileInfo } from '../../src/shared/file-info.ts';
import { createMetadata } from '../../src/shared/metadata.ts';
import { stage } from '../../src/shared/staging/staging.ts';
import { withState } from '../../src/shared/upload.ts';

/** The action of the manifest's share target, relative to the scope of the worker. */
const SHARE_PATH = 'share';

/** Whether a request comes from the share target. */
export function isShareRequest({ method, url }: Request, scope: string): boolean {
  return method === 'POST' && new URL(url).pathname === new URL(SHARE_PATH, scope).pathname;
}

/**
 * Queues and stages the shared files for the signed-in user, or for the last one. Works offline.
 *
 * A file that is in the queue already is staged but paused: the app asks the user whether to send
 * it again. A file that cannot be staged is removed, and the files after it are not queued.
 *
 * @param onChange is called with the upload's id after each change of a record.
 * @returns the URL of the app that shows the result.
 * @throws UploadError if a file could not be staged, for example `storage_full`.
 */
export async function stageSharedFiles(
  db: UploadsDb,
  request: Request,
  onChange: (id: string) => void,
): Promise<string> {
  const ownerId = (await db.settings.getCredentials())?.userId ?? (await db.settings.getLastUserId());
  if (ownerId === null) return '/?share=nobody';
  const form = await request.formData();
  const files = form.getAll('files').filter((value) => value instanceof File);
  // Some apps share only text.
  if (files.length === 0) return '/?share=nothing';
  const metadata = createMetadata({ uploadType: 'file', notes: createNotes(form) });
  const duplicates = new Set(findDuplicates(files, metadata, await db.list(ownerId), { dated: false }));
  const duplicateIds: string[] = [];
  for (const file of files) {
    const created = createUpload([toFileInfo(file)], metadata, ownerId);
    const upload = await db.add(duplicates.has(file) ? withState(created, { status: 'paused' }) : created);
    if (duplicates.has(file)) duplicateIds.push(upload.id);
    await stage(db, upload.id, [file], () => onChange(upload.id)).catch(async (error: unknown) => {
      // A partial copy would count as a duplicate of the file, and no page could complete it.
      await db.remove(upload.id);
      onChange(upload.id);
      throw error;
    });
  }
  return `/?${new URLSearchParams({ share: String(files.length), again: duplicateIds.join(',') })}`;
}

/** Joins the shared text; null if there is none. */
function createNotes(form: FormData): string | null {
  const texts = ['title', 'text', 'url'].map((name) => form.get(name)).filter((value) => typeof value === 'string');
  return texts.filter((value) => value !== '').join(' ') || null;
}
