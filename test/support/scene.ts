import type { Page } from 'playwright-core';
import type { Receipt } from '../../src/shared/schema.ts';
import type { FileInfo, Upload, UploadBase, UploadState } from '../../src/shared/upload.ts';
import { createUpload } from './uploads.ts';

const MIB = 1024 * 1024;
/** When it all happened: lately, because the worker removes what ended long ago. */
export const STORED_AT = Date.now() - 3_600_000;

/** An upload as it would stand in the database, and what the server has acknowledged of it. */
export interface StoredUpload {
  readonly upload: Upload;
  readonly receipts: readonly Receipt[];
}

/** A record by its file's name, its size and its state; with `done` chunks of 8 MiB acknowledged, from the first on. */
export function createStoredUpload(
  ownerId: string,
  name: string,
  sizeBytes: number,
  state: UploadState,
  more: Partial<UploadBase> = {},
  done = 0,
): StoredUpload {
  const files: FileInfo[] = [{ name, type: '', sizeBytes, modifiedAt: STORED_AT }];
  const base = createUpload({
    ownerId,
    files,
    sizeBytes,
    queuedAt: STORED_AT,
    ...more,
    rank: more.queuedAt ?? STORED_AT,
  });
  const plan = { way: 'chunks', chunkBytes: 8 * MIB, ramp: [] } as const;
  const facts = done > 0 ? { plan, session: { id: 'b1c7' } } : {};
  const upload = { ...base, ...facts, ...state } as Upload;
  const receipts = Array.from({ length: done }, (_, index) => ({
    uploadId: base.id,
    generation: 0,
    index,
    sizeBytes: 8 * MIB,
  }));
  return { upload, receipts };
}

/** One upload in each state that stands still by itself, so that nothing moves while it is looked at; all ended at one moment. */
export function createUploadPerState(ownerId: string, endedAt = STORED_AT): StoredUpload[] {
  const at = { completedAt: endedAt, failedAt: endedAt, cancelledAt: endedAt };
  const seed = (name: string, sizeBytes: number, state: UploadState, more: Partial<UploadBase> = {}, done = 0) =>
    createStoredUpload(ownerId, name, sizeBytes, state, { ...more, queuedAt: STORED_AT + seeds.length }, done);
  const seeds: StoredUpload[] = [];
  const add = (...args: Parameters<typeof seed>) => seeds.push(seed(...args));
  add('Survey north wing.zip', 1240 * MIB, { status: 'paused' }, {}, 96);
  add(
    'Interview 3, uncut.mov',
    4300 * MIB,
    { status: 'waiting', wait: { reason: 'file' } },
    { stagedBytes: 1800 * MIB },
    12,
  );
  add(
    'Plans.pdf',
    48 * MIB,
    { status: 'waiting', wait: { reason: 'unconfirmed', message: 'The answer was lost.' } },
    {},
    6,
  );
  add('Scan of a very long name that goes on and on until it must be cut off somewhere, 2026-05-12.tiff', 700 * MIB, {
    status: 'failed',
    code: 'unknown_upload_type',
    message: 'This server does not take this type of upload.',
    failedAt: at.failedAt,
  });
  add(
    'Backup.zip',
    2100 * MIB,
    {
      status: 'failed',
      code: 'storage_full',
      message: 'The browser has no room left for “Backup.zip”: 2202 MB were to be copied.',
      failedAt: at.failedAt,
    },
    { stagedBytes: 0 },
  );
  add(
    'Photos of May.zip',
    82 * MIB,
    { status: 'completed', completedAt: at.completedAt, batch: { batch_id: 'b-20260512-7f3a' } },
    { stagedBytes: 0 },
  );
  add('Letter.txt', 1300, { status: 'cancelled', cancelledAt: at.cancelledAt }, { stagedBytes: 0 });
  return seeds;
}

/** Paused uploads, `Record 1.zip` first. */
export function createPausedUploads(ownerId: string, count: number): StoredUpload[] {
  return Array.from({ length: count }, (_, i) =>
    createStoredUpload(ownerId, `Record ${i + 1}.zip`, 1_000_000, { status: 'paused' }, { queuedAt: STORED_AT + i }),
  );
}

/** Puts records into the database of a tab's browser, and has the tab read them. */
export async function storeUploads(tab: Page, seeds: readonly StoredUpload[]): Promise<void> {
  // As text: of ten thousand objects the driver makes a tree of its own, which takes it most of a minute.
  await tab.evaluate(putRecords, JSON.stringify(seeds));
  await tab.reload();
}

/** Sent to the page, so it knows nothing but itself. */
function putRecords(text: string): Promise<void> {
  const seeds: StoredUpload[] = JSON.parse(text);
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('parallel-chunk-uploader');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const tx = opening.result.transaction(['uploads', 'receipts'], 'readwrite');
      for (const { upload, receipts } of seeds) {
        tx.objectStore('uploads').put(upload);
        for (const receipt of receipts) tx.objectStore('receipts').put(receipt);
      }
      tx.onabort = () => reject(tx.error);
      tx.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  });
}
