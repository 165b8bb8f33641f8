import { UploadError } from '../shared/errors.ts';
import { type PickedFile, toFile } from '../shared/file-info.ts';
import { checkRules } from '../shared/metadata.ts';
import { matchChosenFiles } from '../shared/staging/match-files.ts';
import type { Upload } from '../shared/upload.ts';
import { addUploads } from './add-uploads.ts';
import type { ClientCore } from './client-core.ts';
import { removeUpload } from './commands.ts';

/**
 * Continues interrupted staging with files that the user chose again. If nothing is staged, changed
 * files of the same names replace the upload.
 *
 * @returns whether the files replaced the upload.
 * @throws UploadError as `UploadClient.reattach`.
 */
export async function reattachUpload(core: ClientCore, id: string, picked: readonly PickedFile[]): Promise<boolean> {
  const found = await core.db.get(id);
  if (!found) throw new UploadError('unknown_upload', 'This upload was removed.');
  try {
    await core.staging.resume(id, await matchChosenFiles(core.db, found, picked));
    return false;
  } catch (error) {
    if (!(error instanceof UploadError && error.code === 'different_file')) throw error;
    const upload = await core.db.get(id);
    const hasEnded = upload?.status === 'completed' || upload?.status === 'cancelled';
    if (!upload || hasEnded || upload.stagedBytes > 0 || !(await haveSameNames(core, upload, picked))) throw error;
    await replaceUpload(core, id, picked);
    return true;
  }
}

/**
 * Queues files in the place of an upload, with its metadata. They get a new id: the server may know
 * the previous one with other bytes.
 *
 * @throws UploadError as `UploadClient.replace`.
 */
export async function replaceUpload(core: ClientCore, id: string, picked: readonly PickedFile[]): Promise<void> {
  const replaced = await core.db.get(id);
  if (!replaced) throw new UploadError('unknown_upload', 'This upload was removed.');
  const { metadata, ownerId } = replaced;
  checkRules(picked.length, metadata);
  const views = await addUploads(core, picked, metadata, ownerId);
  for (const view of views) await core.db.moveBefore(view.id, id);
  await core.announceAll();
  // Not awaited: without a network, the worker cannot abort the session yet.
  void removeUpload(core, id).catch(() => undefined);
}

async function haveSameNames({ db }: ClientCore, upload: Upload, picked: readonly PickedFile[]): Promise<boolean> {
  const before = (await db.listFiles(upload)).map(({ name }) => name).sort();
  const after = picked.map((one) => toFile(one).name).sort();
  return before.length === after.length && before.every((name, n) => name === after[n]);
}
