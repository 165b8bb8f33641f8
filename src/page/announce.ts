import type { Upload } from '../shared/upload.ts';

/**
 * Makes a change of this page known: in its own list, to the other tabs and to the worker.
 *
 * @param upload the record as it is stored now; undefined for a removed upload.
 */
export type Announce = (id: string, upload: Upload | undefined) => Promise<void>;
