import * as v from 'valibot';
import type { TidingsWords } from '../src/shared/tidings.ts';
import { isFinished, type Upload } from '../src/shared/upload.ts';
import type { UploadsDb } from '../src/shared/uploads-db.ts';
import type { Exclusive, Tabs } from './world.ts';

/** One notification for all, updated in place. */
const TAG = 'uploads';
const KINDS = ['arrived', 'failed', 'signIn'] as const;
const ids = v.array(v.string());
const told = v.object({ arrived: ids, failed: ids, signIn: ids });

/** The uploads that a notification tells of, by what it says of them. It keeps them itself, until the user puts it away. */
export type Told = v.InferOutput<typeof told>;

// lib.webworker does not know buttons on notifications (https://notifications.spec.whatwg.org/#dictdef-notificationaction).
interface WithActions extends NotificationOptions {
  readonly actions?: readonly { readonly action: string; readonly title: string }[];
}

/** What telling needs of the worker's surroundings. */
export interface Ways {
  readonly db: UploadsDb;
  readonly tabs: Tabs;
  readonly exclusive: Exclusive;
  readonly registration: ServiceWorkerRegistration;
  readonly navigator: WorkerNavigator;
}

/** Tells the user what became of uploads while no page of the app is open: a notification, and a number on the app's icon. */
export class Tidings {
  readonly #ways: Ways;

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  /** The record of an upload has changed. */
  async changed(id: string): Promise<void> {
    const { db, exclusive } = this.#ways;
    if (!(await this.count())) return;
    const upload = await db.get(id);
    const kind = upload && kindOf(upload);
    if (!upload || !kind || globalThis.Notification?.permission !== 'granted') return;
    await exclusive('tidings', undefined, () => this.#tell(upload, kind));
  }

  /** Shows how many uploads are left on the app's icon; false, and nothing, while a page is open. */
  async count(): Promise<boolean> {
    const { db, navigator, tabs } = this.#ways;
    if ((await tabs.count()) > 0) return false;
    const uploads = await db.listSignedIn();
    if ('setAppBadge' in navigator) await navigator.setAppBadge(uploads.filter((one) => !isFinished(one)).length);
    return true;
  }

  /** A page is open: what it shows itself need not be told. */
  async hush(): Promise<void> {
    const { navigator, registration, tabs } = this.#ways;
    if ((await tabs.count()) === 0) return;
    for (const notification of await registration.getNotifications({ tag: TAG })) notification.close();
    if ('clearAppBadge' in navigator) await navigator.clearAppBadge();
  }

  async #tell(upload: Upload, kind: keyof Told): Promise<void> {
    const { db, registration } = this.#ways;
    const words = await db.noted('tidings');
    const [shown] = await registration.getNotifications({ tag: TAG });
    const data = withNews(toldIn(shown?.data), upload.id, kind);
    const options: WithActions = {
      tag: TAG,
      body: bodyOf(data, words),
      data,
      ...(words.icon !== undefined && { icon: words.icon }),
      actions: data.failed.length > 0 ? [{ action: 'retry', title: words.retry }] : [],
    };
    await registration.showNotification(countOf(data) === 1 ? nameOf(upload) : words.title, options);
  }
}

/** What a notification told; nothing where another version showed it. */
export function toldIn(data: unknown): Told {
  const read = v.safeParse(told, data);
  return read.success ? read.output : { arrived: [], failed: [], signIn: [] };
}

function kindOf(upload: Upload): keyof Told | null {
  if (upload.status === 'completed') return 'arrived';
  if (upload.status === 'failed') return 'failed';
  return upload.status === 'waiting' && upload.wait.reason === 'sign-in' ? 'signIn' : null;
}

/** An upload is told of once: what became of it last. */
function withNews(before: Told, id: string, kind: keyof Told): Told {
  const others = (of: keyof Told) => before[of].filter((other) => other !== id);
  const after = { arrived: others('arrived'), failed: others('failed'), signIn: others('signIn') };
  return { ...after, [kind]: [...after[kind], id] };
}

function countOf(data: Told): number {
  return KINDS.reduce((sum, kind) => sum + data[kind].length, 0);
}

function bodyOf(data: Told, words: TidingsWords): string {
  const said = KINDS.filter((kind) => data[kind].length > 0);
  if (countOf(data) === 1) return said.map((kind) => words[kind]).join('');
  return said.map((kind) => `${words[kind]}: ${data[kind].length}`).join('\n');
}

function nameOf({ files: [first, ...others] }: Upload): string {
  return others.length > 0 ? `${first?.name} +${others.length}` : (first?.name ?? '');
}
