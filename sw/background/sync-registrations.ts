import { MAX_SYNC_REGISTRATIONS, SYNC_SPACING_MS, SYNC_STAGGER_MS } from '../../src/shared/worker-lifetime.ts';

// lib.webworker does not know Background Sync (https://wicg.github.io/background-sync/spec/).
interface SyncManager {
  register(tag: string): Promise<void>;
  getTags(): Promise<string[]>;
}

const TAGS: readonly string[] = Array.from({ length: MAX_SYNC_REGISTRATIONS }, (_, n) => `upload-alarm-${n}`);
/** Only for the return of the link. */
const RECONNECT_TAG = 'upload-alarm-link';

/** Wakes that the browser keeps for us (Background Sync): once online, then twice again after a rejection. */
export class SyncRegistrations {
  readonly #sync: SyncManager | null;
  #lastAddedAt = Number.NEGATIVE_INFINITY;
  #lastRejectAt = Number.NEGATIVE_INFINITY;

  constructor(registration: ServiceWorkerRegistration) {
    this.#sync = 'sync' in registration ? (registration.sync as SyncManager) : null;
  }

  /** Whether a sync event is one of ours. */
  owns(tag: string): boolean {
    return tag === RECONNECT_TAG || TAGS.includes(tag);
  }

  /**
   * Registers the alarm that fires again when this wake is over, and every now and then one more: they are staggered, because
   * only those that fire at different times are worth more than one.
   *
   * @param fired the alarm that woke us; one that is registered again while it fires begins anew, with all its attempts.
   * @returns whether this wake registered one; never where the engine has none, or refuses because no window is open.
   */
  async register(now: number, fired?: string): Promise<boolean> {
    if (!this.#sync) return false;
    const tags = new Set(await this.#sync.getTags());
    // The first one at once: without any, nobody would wake us.
    const isTime = !TAGS.some((tag) => tags.has(tag)) || now - this.#lastAddedAt >= SYNC_STAGGER_MS;
    const missing = isTime ? TAGS.find((tag) => !tags.has(tag)) : undefined;
    try {
      for (const tag of [fired, missing]) if (tag !== undefined) await this.#sync.register(tag);
    } catch {
      return false;
    }
    if (missing !== undefined) this.#lastAddedAt = now;
    return fired !== undefined || missing !== undefined;
  }

  /**
   * Registers the alarm that fires as soon as the link is back. One of its own: an alarm that was rejected before waits
   * minutes for its next attempt, and registering it again shortens that by nothing (seen in Chromium 156).
   */
  async registerForReconnect(): Promise<void> {
    // Refused while no window is open: then what was registered before must do.
    await this.#sync?.register(RECONNECT_TAG).catch(() => undefined);
  }

  /**
   * When to give up an alarm whose event adds nothing to the time that the worker has: at once, but not so soon after the
   * one before that both would fire again together.
   */
  nextRejectAt(now: number): number {
    this.#lastRejectAt = Math.max(now, this.#lastRejectAt + SYNC_SPACING_MS);
    return this.#lastRejectAt;
  }
}
