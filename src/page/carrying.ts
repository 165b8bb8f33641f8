import { budgetMs } from '../shared/budgets.ts';
import { type CarrierFetch, canCarry, carrierOf, fetchIdOf, giveBackStep, mayBegin } from '../shared/carrier.ts';
import type { Closing } from '../shared/forecast.ts';
import type { Progress } from '../shared/messages.ts';
import type { CarrierMode } from '../shared/notes.ts';
import type { UploadsDb } from '../shared/uploads-db.ts';
import type { Bridge } from './bridge.ts';
import type { Hands } from './hand-over.ts';
import { Pace } from './pace.ts';
import { progressOf } from './progress-of.ts';
import type { UploadView } from './shown.ts';
import { Unasked } from './unasked.ts';
import type { Views } from './views.ts';

/** A worker that lives lets go in some ms; one that has died has let go already. */
const LET_GO_MS = 5000;
/** What has not begun by then is left to the worker, in ms. */
const BEGIN_MS = 30_000;
/** At most so many are begun for it: each takes one of the places that a server has for a user (ours 1000). */
const MOST_BEGUN = 250;
const FIRST_STRETCH_MS = budgetMs('message', { backgroundSync: true, backgroundFetch: true });

/** What is needed to carry: the truth, the worker, the list, and how a change is told. */
export interface Parts {
  readonly db: UploadsDb;
  readonly bridge: Bridge;
  readonly views: Views;
  readonly told: (id: string) => Promise<void>;
  readonly look: Hands['look'] | undefined;
}

/** What the browser itself sends with every page closed (Background Fetch): offered, handed over, followed and taken back. */
export class Carrying {
  readonly #parts: Parts;
  readonly #hands: Hands;
  readonly #waiting = new Map<string, () => void>();
  readonly #followed = new Map<string, CarrierFetch>();
  readonly #unasked = new Unasked();
  #may = false;
  #preparing: AbortController | null = null;
  #mode: CarrierMode = 'ask';

  constructor(parts: Parts) {
    this.#parts = parts;
    const { db, bridge, told, look = () => ({ title: document.title }) } = parts;
    this.#hands = { db, told, look, letGo: (fetchId) => this.#letGo(fetchId) };
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
    if (mode === 'never') this.stopPreparing();
    await this.#parts.db.settings.note('carrier', mode);
  }

  /** What engine and server allow is known anew. */
  expect({ mayCarry, mode }: { mayCarry: boolean; mode: CarrierMode }): void {
    this.#may = mayCarry;
    this.#mode = mode;
    if (!mayCarry || mode === 'never') this.stopPreparing();
  }

  /** Whether a hand-over is under way that the browser has not taken yet. */
  get isPreparing(): boolean {
    return this.#preparing !== null;
  }

  /** The uploads that can be handed over, where one of them would not be finished soon after closing; else none. */
  get offer(): readonly UploadView[] {
    if (!this.#may || this.#mode === 'never' || this.isPreparing) return [];
    const able = this.#parts.views.all.filter(mayBegin);
    return able.some(({ closing }) => outlasts(closing)) ? able : [];
  }

  /**
   * Hands over what is on offer. Without a click since the last one Chromium allows one start in each tab.
   *
   * @throws UploadError `hand_over_refused`.
   */
  handOver(): Promise<void> {
    return this.#handOver(new AbortController());
  }

  /** The user does not want to wait for what is being prepared: nothing is handed over. */
  stopPreparing(): void {
    this.#preparing?.abort();
  }

  async #handOver(preparing: AbortController): Promise<void> {
    const { bridge, views } = this.#parts;
    const uploads = this.offer;
    const { owner } = views;
    this.#setPreparing(preparing);
    // It may take a minute, in which somebody else may sign in.
    const stop = views.subscribe(() => {
      if (views.owner !== owner) preparing.abort();
    });
    try {
      const carrier = carrierOf(await bridge.registration);
      if (!carrier || uploads.length === 0) return;
      await this.#begin(uploads, preparing.signal);
      const ids = uploads.map(({ id }) => id);
      // Loaded when it is wanted, because few uploads are handed over and it brings WebAssembly for the digests.
      const { handOver } = await import('./hand-over.ts');
      await handOver(this.#hands, carrier, ids, preparing.signal);
    } finally {
      stop();
      this.#setPreparing(null);
    }
  }

  #setPreparing(preparing: AbortController | null): void {
    this.#preparing = preparing;
    this.#parts.views.tell();
  }

  /** Takes back this upload and all that were handed over with it: the worker ends their Background Fetch and goes on with them. */
  async takeBack(id: string): Promise<void> {
    const { db, told } = this.#parts;
    const upload = await db.get(id);
    const fetchId = upload ? fetchIdOf(upload) : null;
    if (!upload || fetchId === null) return;
    // Found in the database and all at once: as long as one of them claims the fetch, the worker lets it go on.
    const ids = await db.changeAll(upload.ownerId, ['waiting'], giveBackStep(fetchId));
    await Promise.all(ids.map(told));
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
    if (this.#mode === 'always') await this.#handOverUnasked();
  }

  async #handOverUnasked(): Promise<void> {
    const ids = this.offer.map(({ id }) => id);
    if (!this.#unasked.isDue(ids, performance.now())) return;
    const preparing = new AbortController();
    await this.#handOver(preparing).catch(() => undefined);
    // What the user stopped is not pressed on him.
    const left = preparing.signal.aborted ? [] : this.#parts.views.all.filter(mayBegin).map(({ id }) => id);
    this.#unasked.tried(ids, new Set(left), performance.now());
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
  async #begin(uploads: readonly UploadView[], signal: AbortSignal): Promise<void> {
    const { bridge, views } = this.#parts;
    const some = uploads.filter((upload) => !hasBegun(upload)).slice(0, MOST_BEGUN);
    if (some.length === 0) return;
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(BEGIN_MS)]);
    await bridge.send({ type: 'begin', ids: some.map(({ id }) => id) });
    await Promise.all(some.map((upload) => views.until(upload, hasBegun, inTime))).catch(() => undefined);
    // What has none yet is in no hurry any more.
    await bridge.send({ type: 'begin', ids: [] });
  }

  async #letGo(fetchId: string): Promise<void> {
    const isFree = new Promise<void>((resolve) => this.#waiting.set(fetchId, resolve));
    await this.#parts.bridge.send({ type: 'hand-over', fetchId });
    await Promise.race([isFree, new Promise((resolve) => setTimeout(resolve, LET_GO_MS))]);
    this.#waiting.delete(fetchId);
  }
}

/** Whether nothing is to be waited for: what waits for another try would have everybody wait for it. */
function hasBegun(upload: UploadView | undefined): boolean {
  return !upload || canCarry(upload) || upload.status === 'waiting' || !mayBegin(upload);
}

/** Whether the worker would not be done when the closing page's last message ends. */
function outlasts(closing: Closing): boolean {
  if (closing.kind === 'finishes') return closing.inMs > FIRST_STRETCH_MS;
  return closing.kind === 'goes-on';
}

/**
 * The progress of uploads that share a Background Fetch, from its byte count: the browser sends them in order. Nothing
 * of that is acknowledged yet.
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
    return { ...progress, bytesUploaded, rateBytesPerSecond: rate, secondsLeft };
  });
}
