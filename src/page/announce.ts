import type { Upload } from '../shared/upload.ts';

/**
 * Announces a change of this page: to its own list, to the other tabs and to the worker.
 *
 * @param upload the record as it is stored now; undefined for a removed upload.
 */
export type Announce = (id: string, upload: Upload | undefined) => Promise<void>;
