import { createUpload } from '../shared/create-upload.ts';
import type { UploadsDb } from '../shared/db/uploads-db.ts';
import { UploadError } from '../shared/errors.ts';
import { toFileInfo } from '../shared/file-info.ts';
import type { Metadata } from '../shared/metadata.ts';
import type { Share } from '../shared/share.ts';
import { checkFreeSpace } from '../shared/staging/staging-errors.ts';
import { getTotalBytes } from '../shared/total-bytes.ts';
import type { Account } from './account.ts';
import { requestPersistence } from './staging/persist.ts';
import type { StagingManager } from './staging/staging-manager.ts';

/** The dependencies of `Shares`. */
export interface SharesDependencies {
  readonly db: UploadsDb;
  readonly account: Pick<Account, 'ownerId'>;
  readonly staging: Pick<StagingManager, 'start'>;
  /** Called after a change of the database. */
  readonly onChange: () => Promise<void>;
}

/**
 * Files that another app or a website shared with this one. They are no uploads, and nothing is
 * sent, before `confirm`. Fires `change`.
 */
export class Shares extends EventTarget {
  readonly #dependencies: SharesDependencies;
  /** The confirmed shares that this page stages. */
  readonly #staging = new Set<string>();
  #items: readonly Share[] = [];

  constructor(dependencies: SharesDependencies) {
    super();
    this.#dependencies = dependencies;
  }

  /** The shares that wait for the confirmation of the current user, the latest first. */
  get items(): readonly Share[] {
    const { ownerId } = this.#dependencies.account;
    // Another user may have signed in since the items were read.
    return this.#items.filter((share) => share.ownerId === null || share.ownerId === ownerId);
  }

  /** Reads the shares of the current user, and stages those that were confirmed. */
  async load(): Promise<void> {
    const { db, account } = this.#dependencies;
    const all = await db.shares.list(account.ownerId);
    this.#items = all.filter(({ uploadIds }) => uploadIds === null);
    for (const share of all) if (share.uploadIds) void this.#stage(share, share.uploadIds);
    this.dispatchEvent(new Event('change'));
  }

  /**
   * Queues the files of a share for the current user.
   *
   * @param files those of its files to upload.
   * @throws UploadError `no_token` without a user, `storage_full`.
   */
  async confirm(share: Share, files: readonly File[], metadata: Metadata): Promise<void> {
    const { db, account, onChange } = this.#dependencies;
    const { ownerId } = account;
    if (ownerId === null) throw new UploadError('no_token', 'Please sign in.');
    await checkFreeSpace(getTotalBytes(files));
    requestPersistence();
    const uploads = files.map((file) => createUpload([toFileInfo(file)], metadata, ownerId));
    await db.shares.confirm({ ...share, ownerId, files }, uploads);
    await onChange();
  }

  /** Deletes the files of a share. */
  async discard(share: Share): Promise<void> {
    await this.#dependencies.db.shares.remove(share.id);
    await this.#dependencies.onChange();
  }

  /** Stages the files of a confirmed share, which is kept until then: this page may be closed. */
  async #stage({ id, files }: Share, uploadIds: readonly string[]): Promise<void> {
    if (this.#staging.has(id)) return;
    this.#staging.add(id);
    const { db, staging } = this.#dependencies;
    await Promise.all(files.map((file, n) => staging.start(uploadIds[n] ?? '', [file])));
    // A client that was closed meanwhile leaves the rest to the next page.
    await db.shares.remove(id).catch(() => undefined);
  }
}
