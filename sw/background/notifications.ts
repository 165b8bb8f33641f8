import { canRetry } from '../../src/shared/can-retry.ts';
import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import type { NotificationTexts } from '../../src/shared/notification-texts.ts';
import { UNFINISHED_STATUSES, type Upload } from '../../src/shared/upload.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunExclusive, Tabs } from '../ports/ports.ts';

/** One tag, so that a single notification about all uploads is updated in place. */
const TAG = 'uploads';
const LOCK_NAME = 'notifications';
const KINDS = ['uploaded', 'failed', 'signIn'] as const;
/** A closing tab still counts as open for some ms, although it shows nothing more. */
const CLOSING_MS = 1000;

type Kind = (typeof KINDS)[number];

// lib.webworker lacks the actions of notifications
// (https://notifications.spec.whatwg.org/#dictdef-notificationaction).
interface OptionsWithActions extends NotificationOptions {
  readonly actions?: readonly { readonly action: string; readonly title: string }[];
}

/** The dependencies of `Notifications`. */
export interface NotificationsDependencies {
  readonly db: UploadsDb;
  readonly tabs: Tabs;
  readonly clock: Clock;
  readonly exclusive: RunExclusive;
  readonly registration: ServiceWorkerRegistration;
  /** The Badging API is missing in some browsers. */
  readonly navigator: { setAppBadge?(count: number): Promise<void>; clearAppBadge?(): Promise<void> };
  /** Whether the user allows notifications. */
  isAllowed(): boolean;
}

/**
 * Shows the results of uploads while no tab is open: in one notification, and as the number of
 * unfinished uploads in the app badge.
 *
 * The database holds the ids of the shown uploads, and a lock guards every change: Chromium forgets
 * a notification if `getNotifications` is called while it is being shown. It then stays on the
 * screen, where the app can neither read nor close it.
 */
export class Notifications {
  readonly #deps: NotificationsDependencies;
  #settled: Promise<void> = Promise.resolve();

  constructor(deps: NotificationsDependencies) {
    this.#deps = deps;
  }

  /** Resolves when all requested updates have ended; never rejects. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** Adds an upload to the notification if it has a result and no tab is open. */
  onUploadChanged(id: string): void {
    this.#enqueue(this.#notifyOnceClosed(id));
  }

  /** Shows the number of unfinished uploads in the app badge, unless a tab is open. */
  updateBadge(): void {
    this.#enqueue(this.#updateBadge());
  }

  /** Closes the notification and clears the badge if a tab is open, which shows the results. */
  dismissAll(): void {
    this.#enqueue(this.#dismissAll());
  }

  /**
   * Records that the user closed the notification or clicked on it.
   *
   * @returns the ids of its uploads, the latest last. Later notifications leave them out.
   */
  acknowledge(): Promise<readonly string[]> {
    return this.#exclusively(() => this.#clearNotifiedIds());
  }

  /** Runs beside the uploads, and ignores failures: a refused notification stops no upload. */
  #enqueue(update: Promise<unknown>): void {
    this.#settled = Promise.allSettled([this.#settled, update]).then(() => undefined);
  }

  async #notifyOnceClosed(id: string): Promise<void> {
    if (await this.#notify(id)) return;
    await this.#deps.clock.sleep(CLOSING_MS);
    await this.#notify(id);
  }

  async #updateBadge(): Promise<void> {
    const { db, tabs } = this.#deps;
    const credentials = await db.settings.getCredentials();
    if (credentials && (await tabs.count()) === 0) await this.#setBadge(credentials.userId);
  }

  async #dismissAll(): Promise<void> {
    const { navigator, registration, tabs } = this.#deps;
    if ((await tabs.count()) === 0) return;
    await this.#exclusively(async () => {
      await this.#clearNotifiedIds();
      for (const notification of await registration.getNotifications({ tag: TAG })) notification.close();
    });
    await navigator.clearAppBadge?.();
  }

  /** @returns false if a tab is open. */
  async #notify(id: string): Promise<boolean> {
    const { db, isAllowed, tabs } = this.#deps;
    if ((await tabs.count()) > 0) return false;
    await this.#exclusively(async () => {
      const userId = (await db.settings.getCredentials())?.userId;
      if (userId === undefined) return;
      // The browser may refuse the badge and still show the notification.
      await this.#setBadge(userId).catch(() => undefined);
      const upload = await db.get(id);
      const hasResult = upload?.ownerId === userId && getKind(upload) !== null;
      if (hasResult && isAllowed()) await this.#show(upload);
    });
    return true;
  }

  /** Shows this upload after the earlier ones that still have a result. */
  async #show(latest: Upload): Promise<void> {
    const { db, registration } = this.#deps;
    const texts = await db.settings.get('notificationTexts');
    const earlierIds = (await db.settings.get('notifiedIds')).filter((id) => id !== latest.id);
    const earlier = (await Promise.all(earlierIds.map((id) => db.get(id)))).filter((upload) => upload !== undefined);
    const current = earlier.filter((upload) => upload.ownerId === latest.ownerId && getKind(upload) !== null);
    const uploads = [...current, latest];
    const ids = uploads.map(({ id }) => id);
    await db.settings.set('notifiedIds', ids);
    const options: OptionsWithActions = {
      tag: TAG,
      body: createBody(uploads, texts),
      ...(texts.icon !== undefined && { icon: texts.icon }),
      actions: uploads.some(canRetry) ? [{ action: 'retry', title: texts.retry }] : [],
    };
    const title = uploads.length === 1 ? createFileTitle(latest) : texts.title;
    await registration.showNotification(title, options);
  }

  async #setBadge(userId: string): Promise<void> {
    const { db, navigator } = this.#deps;
    await navigator.setAppBadge?.(await db.countByStatus(userId, UNFINISHED_STATUSES));
  }

  async #clearNotifiedIds(): Promise<readonly string[]> {
    const { db } = this.#deps;
    const ids = await db.settings.get('notifiedIds');
    if (ids.length > 0) await db.settings.set('notifiedIds', []);
    return ids;
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#deps.exclusive(LOCK_NAME, undefined, work);
  }
}

function getKind(upload: Upload): Kind | null {
  if (upload.status === 'completed') return 'uploaded';
  if (upload.status === 'failed') return 'failed';
  return upload.status === 'waiting' && upload.wait.reason === 'sign-in' ? 'signIn' : null;
}

/** The text of one upload, or a line with a count for each kind. */
function createBody(uploads: readonly Upload[], texts: NotificationTexts): string {
  const kinds = uploads.map(getKind);
  const counts = KINDS.map((kind) => ({ kind, count: kinds.filter((candidate) => candidate === kind).length }));
  const shown = counts.filter(({ count }) => count > 0);
  if (uploads.length === 1) return shown.map(({ kind }) => texts[kind]).join('');
  return shown.map(({ kind, count }) => `${texts[kind]}: ${count}`).join('\n');
}

/** The name of the first file, with the number of further ones. */
function createFileTitle({ files: [first], fileCount }: Upload): string {
  return fileCount > 1 ? `${first?.name} +${fileCount - 1}` : (first?.name ?? '');
}
