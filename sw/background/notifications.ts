import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import type { NotificationTexts } from '../../src/shared/notification-texts.ts';
import { UNFINISHED_STATUSES, type Upload } from '../../src/shared/upload.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunExclusive, Tabs } from '../ports/ports.ts';

/** One notification for all, updated in place. */
const TAG = 'uploads';
const KINDS = ['uploaded', 'failed', 'signIn'] as const;
/** A tab that is being closed counts as open for some ms, and shows nothing any more. */
const CLOSING_MS = 1000;

type Kind = (typeof KINDS)[number];

// lib.webworker does not know buttons on notifications (https://notifications.spec.whatwg.org/#dictdef-notificationaction).
interface OptionsWithActions extends NotificationOptions {
  readonly actions?: readonly { readonly action: string; readonly title: string }[];
}

/** What telling needs of the worker's surroundings. */
export interface NotificationsDependencies {
  readonly db: UploadsDb;
  readonly tabs: Tabs;
  readonly clock: Clock;
  readonly exclusive: RunExclusive;
  readonly registration: ServiceWorkerRegistration;
  /** Not every browser has a number on the icon. */
  readonly navigator: { setAppBadge?(left: number): Promise<void>; clearAppBadge?(): Promise<void> };
  /** Whether the user lets this app show notifications. */
  isAllowed(): boolean;
}

/**
 * Tells the user what became of uploads while no page of the app is open: a notification, and a number on the app's icon.
 *
 * What is told stands in the database. Chromium forgets a notification that is asked for (`getNotifications`) while it is being
 * shown: it stays on the screen, and nobody can read or close it any more. Hence the lock.
 */
export class Notifications {
  readonly #deps: NotificationsDependencies;
  #settled: Promise<void> = Promise.resolve();

  constructor(ways: NotificationsDependencies) {
    this.#deps = ways;
  }

  /** Resolves when what is to be told so far is told, or known to be shown by a page; never rejects. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** The record of an upload has changed. */
  onUploadChanged(id: string): void {
    this.#enqueue(this.#notifyOnceClosed(id));
  }

  /** Shows how many uploads are left on the app's icon, unless a page is open. */
  updateBadge(): void {
    this.#enqueue(this.#updateBadge());
  }

  /** A page is open: what it shows itself need not be told. */
  dismissAll(): void {
    this.#enqueue(this.#dismissAll());
  }

  /** The user has put the notification away: the ids of what it told of, which the next one does not tell again. */
  acknowledge(): Promise<readonly string[]> {
    return this.#exclusively(() => this.#clearNotifiedIds());
  }

  /** Nobody waits for it to go on, however it ends: a browser that cannot tell the user is no reason to send no more. */
  #enqueue(telling: Promise<unknown>): void {
    this.#settled = Promise.allSettled([this.#settled, telling]).then(() => undefined);
  }

  async #notifyOnceClosed(id: string): Promise<void> {
    if (await this.#notify(id)) return;
    await this.#deps.clock.sleep(CLOSING_MS);
    await this.#notify(id);
  }

  async #updateBadge(): Promise<void> {
    const { db, tabs } = this.#deps;
    const token = await db.settings.getCredentials();
    if (token && (await tabs.count()) === 0) await this.#setBadge(token.userId);
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

  /** @returns false while a page is open, which shows it. */
  async #notify(id: string): Promise<boolean> {
    const { db, isAllowed, tabs } = this.#deps;
    if ((await tabs.count()) > 0) return false;
    await this.#exclusively(async () => {
      const userId = (await db.settings.getCredentials())?.userId;
      if (userId === undefined) return;
      // The number may be refused, and the rest is told all the same.
      await this.#setBadge(userId).catch(() => undefined);
      const upload = await db.get(id);
      const isNews = upload?.ownerId === userId && getKind(upload) !== null;
      if (isNews && isAllowed()) await this.#show(upload);
    });
    return true;
  }

  /** Tells of this one, behind what was told before and is still so. */
  async #show(news: Upload): Promise<void> {
    const { db, registration } = this.#deps;
    const words = await db.settings.get('notificationTexts');
    const before = (await db.settings.get('notifiedIds')).filter((id) => id !== news.id);
    const known = (await Promise.all(before.map((id) => db.get(id)))).filter((upload) => upload !== undefined);
    const still = known.filter((upload) => upload.ownerId === news.ownerId && getKind(upload) !== null);
    const told = [...still, news];
    await db.settings.set(
      'notifiedIds',
      told.map((upload) => upload.id),
    );
    const options: OptionsWithActions = {
      tag: TAG,
      body: createBody(told, words),
      ...(words.icon !== undefined && { icon: words.icon }),
      actions: told.some(({ status }) => status === 'failed') ? [{ action: 'retry', title: words.retry }] : [],
    };
    await registration.showNotification(told.length === 1 ? told.map(createFileTitle).join() : words.title, options);
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
    return this.#deps.exclusive('notifications', undefined, work);
  }
}

function getKind(upload: Upload): Kind | null {
  if (upload.status === 'completed') return 'uploaded';
  if (upload.status === 'failed') return 'failed';
  return upload.status === 'waiting' && upload.wait.reason === 'sign-in' ? 'signIn' : null;
}

function createBody(told: readonly Upload[], words: NotificationTexts): string {
  const kinds = told.map(getKind);
  const said = KINDS.map((kind) => ({ kind, count: kinds.filter((one) => one === kind).length }));
  const news = said.filter(({ count }) => count > 0);
  if (told.length === 1) return news.map(({ kind }) => words[kind]).join('');
  return news.map(({ kind, count }) => `${words[kind]}: ${count}`).join('\n');
}

function createFileTitle({ files: [first, ...others] }: Upload): string {
  return others.length > 0 ? `${first?.name} +${others.length}` : (first?.name ?? '');
}
