import { budgetMs } from '../shared/budgets.ts';
import {
  type CarrierFetch,
  type CarrierLook,
  canCarry,
  carrierOf,
  fetchIdOf,
  giveBackStep,
  mayBegin,
} from '../shared/carrier.ts';
import type { Closing } from '../shared/forecast.ts';
import type { Progress } from '../shared/messages.ts';
import type { CarrierMode } from '../shared/notes.ts';
import type { Upload } from '../shared/upload.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';
import type { Bridge } from './bridge.ts';
import { type Hands, handOver } from './hand-over.ts';
import { Pace } from './pace.ts';
import { progressOf } from './progress-of.ts';
import type { UploadView, Views } from './views.ts';

/** A worker that lives lets go in some ms; one that has died has let go already. */
const LET_GO_MS = 5000;
/** What has not begun by then is left to the worker, in ms. */
const BEGIN_MS = 30_000;
const FIRST_STRETCH_MS = budgetMs('message', { backgroundSync: true, backgroundFetch: true });

/** What is needed to carry: the truth, the worker, the list, and how a change is told. */
export interface Parts {
  readonly db: UploadsDb;
  readonly bridge: Bridge;
  readonly views: Views;
  readonly told: (id: string) => Promise<void>;
  readonly look: ((uploads: readonly Upload[]) => CarrierLook) | undefined;
}

/** What the browser itself sends with every page closed (Background Fetch): offered, handed over, followed and taken back. */
export class Carrying {
  readonly #parts: Parts;
  readonly #hands: Hands;
  readonly #waiting = new Map<string, () => void>();
  readonly #followed = new Map<string, CarrierFetch>();
  readonly #offered = new Set<string>();
  #may = false;
  #isHandingOver = false;
  #mode: CarrierMode = 'ask';

  constructor(parts: Parts) {
    this.#parts = parts;
    const { db, bridge, told } = parts;
    this.#hands = { db, told, letGo: (fetchId) => this.#letGo(fetchId) };
    bridge.onNotice((notice) => {
      if (notice.type === 'let-go') this.#waiting.get(notice.fetchId)?.();
    });
    parts.views.subscribe((uploads) => void this.#follow(uploads).catch(() => undefined));
  }

  /** Whether uploads are handed over by themselves, on request, or never. */
  get mode(): CarrierMode {
    return this.#mode;
  }

  /** Remembers the user's choice. */
  async setMode(mode: CarrierMode): Promise<void> {
    this.#mode = mode;
    await this.#parts.db.note('carrier', mode);
  }

  /** What engine and server allow is known anew. */
  expect({ mayCarry, mode }: { mayCarry: boolean; mode: CarrierMode }): void {
    this.#may = mayCarry;
    this.#mode = mode;
  }

  /** The uploads that can be handed over, where one of them would not be finished soon after closing; else none. */
  get offer(): readonly UploadView[] {
    if (!this.#may || this.#mode === 'never' || this.#isHandingOver) return [];
    const able = this.#parts.views.all.filter(mayBegin);
    return able.some(({ closing }) => outlasts(closing)) ? able : [];
  }

  /**
   * Hands over what is on offer. Without a click since the last one Chromium allows one start in each tab.
   *
   * @throws UploadError `hand_over_refused`.
   */
  async handOver(): Promise<void> {
    const uploads = this.offer;
    const look = this.#parts.look?.(uploads) ?? { title: document.title };
    this.#isHandingOver = true;
    try {
      const carrier = carrierOf(await this.#parts.bridge.registration);
      const ids = uploads.map(({ id }) => id);
      if (!carrier || ids.length === 0) return;
      const { owner } = this.#parts.views;
      await this.#begin(uploads);
      // That may have taken half a minute, in which somebody else signed in or the user thought better of it.
      if (this.#parts.views.owner !== owner || !this.#may || this.#mode === 'never') return;
      await handOver(this.#hands, carrier, ids, look);
    } finally {
      this.#isHandingOver = false;
    }
  }

  /** Takes back this upload and all that were handed over with it: the worker ends their Background Fetch and goes on with them. */
  async takeBack(id: string): Promise<void> {
    const { db, told, views } = this.#parts;
    const upload = await db.get(id);
    const fetchId = upload ? fetchIdOf(upload) : null;
    if (fetchId === null) return;
    for (const other of views.all.filter((view) => fetchIdOf(view) === fetchId)) {
      await db.change(other.id, giveBackStep(fetchId));
      await told(other.id);
    }
  }

  async #follow(uploads: readonly UploadView[]): Promise<void> {
    const fetchIds = new Set(uploads.map(fetchIdOf).filter((id) => id !== null));
    for (const fetchId of fetchIds) {
      if (this.#followed.has(fetchId)) continue;
      const fetch = await carrierOf(await this.#parts.bridge.registration)?.get(fetchId);
      // Recorded but not started yet: the next change finds it.
      if (!fetch || this.#followed.has(fetchId)) continue;
      this.#followed.set(fetchId, fetch);
      const carried = uploads.filter((upload) => fetchIdOf(upload) === fetchId);
      await this.#listen(fetch, carried);
    }
    if (this.#mode === 'always') await this.#handOverOnce();
  }

  /** Each upload once: what the browser refused, or the user took back, is not pressed on it. */
  async #handOverOnce(): Promise<void> {
    const { offer } = this;
    if (offer.every(({ id }) => this.#offered.has(id))) return;
    for (const { id } of offer) this.#offered.add(id);
    await this.handOver();
  }

  async #listen(fetch: CarrierFetch, uploads: readonly UploadView[]): Promise<void> {
    const { db, views } = this.#parts;
    const before = await Promise.all(uploads.map((upload) => progressOf(db, upload)));
    const pace = new Pace();
    const tell = () => {
      pace.counted(fetch.uploaded, performance.now());
      for (const progress of shared(fetch, before, pace.rate)) views.progress(progress);
    };
    fetch.addEventListener('progress', tell);
    tell();
  }

  /** The worker sends one upload after the other, so most have no session yet that the browser could send to. */
  async #begin(uploads: readonly UploadView[]): Promise<void> {
    // What waits for another try would have everybody wait for it.
    const ids = uploads.filter((upload) => !canCarry(upload) && upload.status !== 'waiting').map(({ id }) => id);
    if (ids.length === 0) return;
    await this.#parts.bridge.send({ type: 'begin', ids });
    const isSettled = (upload: UploadView | undefined) => !upload || canCarry(upload) || !mayBegin(upload);
    const all = Promise.all(ids.map((id) => this.#parts.views.until(id, isSettled)));
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, BEGIN_MS))]);
  }

  async #letGo(fetchId: string): Promise<void> {
    const isFree = new Promise<void>((resolve) => this.#waiting.set(fetchId, resolve));
    await this.#parts.bridge.send({ type: 'hand-over', fetchId });
    await Promise.race([isFree, new Promise((resolve) => setTimeout(resolve, LET_GO_MS))]);
    this.#waiting.delete(fetchId);
  }
}

/** Whether the worker would not be done when the closing page's last message ends. */
function outlasts(closing: Closing): boolean {
  if (closing.kind === 'finishes') return closing.inMs > FIRST_STRETCH_MS;
  return closing.kind === 'goes-on';
}

/**
 * The progress of uploads that share a Background Fetch, from its byte count: the browser sends them in order. Marked as
 * estimated, because sent is not acknowledged.
 */
function shared(
  { uploaded, uploadTotal }: Pick<CarrierFetch, 'uploaded' | 'uploadTotal'>,
  before: readonly Progress[],
  rate: number | null,
): Progress[] {
  const leftBytes = before.reduce((sum, { bytesTotal, bytesUploaded }) => sum + bytesTotal - bytesUploaded, 0);
  // The bodies are a little larger than the bytes of the files in them.
  let sent = uploadTotal > 0 ? Math.floor((uploaded / uploadTotal) * leftBytes) : 0;
  return before.map((progress) => {
    const own = Math.min(sent, progress.bytesTotal - progress.bytesUploaded);
    sent -= own;
    const bytesUploaded = progress.bytesUploaded + own;
    const secondsLeft = rate === null ? null : (progress.bytesTotal - bytesUploaded) / rate;
    return { ...progress, bytesUploaded, rateBytesPerSecond: rate, secondsLeft, estimated: true };
  });
}
