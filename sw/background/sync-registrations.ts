import { MAX_SYNC_REGISTRATIONS, SYNC_SPACING_MS, SYNC_STAGGER_MS } from '../../src/shared/worker-lifetime.ts';

// lib.webworker lacks Background Sync (https://wicg.github.io/background-sync/spec/).
interface SyncManager {
  register(tag: string): Promise<void>;
  getTags(): Promise<string[]>;
}

const TAGS: readonly string[] = Array.from({ length: MAX_SYNC_REGISTRATIONS }, (_, n) => `upload-sync-${n}`);
const RECONNECT_TAG = 'upload-sync-reconnect';
/** Earlier versions registered their tags with this prefix; the browser may still fire them. */
const OLD_TAG_PREFIX = 'upload-alarm-';

/**
 * The Background Sync registrations of the worker. Chromium fires each one when it is online, and
 * twice again after a rejection, 5 and 15 minutes later.
 */
export class SyncRegistrations {
  readonly #sync: SyncManager | null;
  #lastAddedAt = Number.NEGATIVE_INFINITY;
  #lastRejectAt = Number.NEGATIVE_INFINITY;
  #isRegistered = false;

  constructor(registration: ServiceWorkerRegistration) {
    this.#sync = 'sync' in registration ? (registration.sync as SyncManager) : null;
  }

  /** Whether `register` would add the only registration, as far as this worker knows. */
  get isMissing(): boolean {
    return this.#sync !== null && !this.#isRegistered;
  }

  /** Call when a sync event has ended: its registration may have ended with it. */
  onSyncEnd(): void {
    this.#isRegistered = false;
  }

  /** Whether the tag of a sync event belongs to these registrations. */
  owns(tag: string): boolean {
    return isCurrent(tag) || tag.startsWith(OLD_TAG_PREFIX);
  }

  /**
   * Renews the registration that fired, and adds one every 55 s up to 3. They are staggered:
   * registrations that fire together give the worker no more time than one. After the end of a sync
   * event the next one is added immediately.
   *
   * @param now in ticks.
   * @param fired the tag of the current sync event. Registering it during its event renews all its
   * attempts.
   * @returns whether this call registered a tag. Chromium refuses without an open window; other
   * engines lack Background Sync.
   */
  async register(now: number, fired?: string): Promise<boolean> {
    if (!this.#sync) return false;
    const tags = new Set(await this.#sync.getTags());
    // A listed tag may wait minutes after a rejection, or end with its event. Without another one,
    // no event wakes the worker when a killed browser starts again.
    const hasActive = TAGS.some((tag) => tags.has(tag)) && (this.#isRegistered || fired !== undefined);
    const isTime = !hasActive || now - this.#lastAddedAt >= SYNC_STAGGER_MS;
    const missing = isTime ? TAGS.find((tag) => !tags.has(tag)) : undefined;
    const wanted = [fired, missing].filter((tag) => tag !== undefined).filter(isCurrent);
    try {
      for (const tag of wanted) await this.#sync.register(tag);
    } catch {
      return false;
    }
    if (missing !== undefined) this.#lastAddedAt = now;
    this.#isRegistered = true;
    return wanted.length > 0;
  }

  /**
   * Registers a tag that fires as soon as the network returns. It needs its own tag: a registration
   * that was rejected waits minutes for its next attempt, and registering it again does not shorten
   * that (seen in Chromium 156).
   */
  async registerForReconnect(): Promise<void> {
    // The browser refuses without an open window; the earlier registrations remain.
    await this.#sync?.register(RECONNECT_TAG).catch(() => undefined);
  }

  /**
   * When a sync event that does not extend the worker's lifetime has to reject: immediately, but at
   * least 135 s after the previous one, so that their next attempts do not fire together.
   */
  nextRejectAt(now: number): number {
    this.#lastRejectAt = Math.max(now, this.#lastRejectAt + SYNC_SPACING_MS);
    return this.#lastRejectAt;
  }
}

function isCurrent(tag: string): boolean {
  return tag === RECONNECT_TAG || TAGS.includes(tag);
}
