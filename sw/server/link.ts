import type { UploadError } from '../../src/shared/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { average } from './average.ts';

/**
 * The delay between two probes, as a share of the outage so far: whatever its length, an outage is
 * noticed to be over after a twentieth of it.
 */
const PROBE_DELAY_SHARE = 0.05;
const MIN_PROBE_DELAY_MS = 100;
const MAX_PROBE_DELAY_MS = 5000;
/** An upload says that it waits for the server after an outage of this time. */
const LONG_OUTAGE_MS = 10_000;

/**
 * The state of the connection, which all requests share. After a network failure nothing starts
 * until a probe, or a response to a request in flight, proves that the server can be reached.
 */
export class Link {
  readonly #clock: Clock;
  /** In ticks, of the failure that began the outage; null while the link works. */
  #failedAt: number | null = null;
  #failure: UploadError | null = null;
  #hasResponse = false;
  #isConfirmed = false;
  #nextProbeAt = 0;
  #upSince: number;
  #averageUpMs: number | null;

  /** @param averageUpMs the average time between two failures in earlier runs; null if unknown. */
  constructor(clock: Clock, averageUpMs: number | null) {
    this.#clock = clock;
    this.#upSince = clock.ticks();
    this.#averageUpMs = averageUpMs;
  }

  /** Whether a request failed since the last proof that the link works. */
  get isSuspect(): boolean {
    return this.#failedAt !== null;
  }

  /** Whether a probe has failed too: the link failed, and not the requests. */
  get isDown(): boolean {
    return this.#isConfirmed;
  }

  /** Ms until the next probe is due; 0 if it is. */
  get probeInMs(): number {
    return Math.max(0, this.#nextProbeAt - this.#clock.ticks());
  }

  /** The latest failure of an outage; null while the link works. */
  get failure(): UploadError | null {
    return this.#failure;
  }

  /** Whether a response or a failure has told anything about the link. */
  get isKnown(): boolean {
    return this.#hasResponse || this.isSuspect;
  }

  /** Whether the outage lasts: a sign-in takes the user some time. */
  get isOutageLong(): boolean {
    if (this.#failedAt === null) return false;
    const needsSignIn = this.#isConfirmed && this.#failure?.code === 'network_sign_in';
    return needsSignIn || this.#clock.ticks() - this.#failedAt > LONG_OUTAGE_MS;
  }

  /** The average time between two failures, in ms; null before the first one. */
  get averageUpMs(): number | null {
    if (this.#averageUpMs === null || this.isSuspect) return this.#averageUpMs;
    // A link that works for longer than it used to has become better.
    return Math.max(this.#averageUpMs, this.#clock.ticks() - this.#upSince);
  }

  /**
   * A request failed. Any response proves the link, but for a redirect to a sign-in, whose status is
   * hidden. Without a response the link is in doubt, and the first probe follows immediately.
   */
  onError(error: UploadError): void {
    if (error.status !== undefined) this.onResponse();
    if (error.status !== undefined || !isLinkFailure(error)) return;
    this.#failure = error;
    if (this.#failedAt !== null) return;
    this.#failedAt = this.#clock.ticks();
    this.#nextProbeAt = this.#failedAt;
    this.#addUpTime(this.#failedAt - this.#upSince);
  }

  /** A probe failed. */
  onProbeFailed(error: UploadError): void {
    if (this.#failedAt === null) return;
    this.#isConfirmed = true;
    this.#failure = error;
    const now = this.#clock.ticks();
    const delayMs = PROBE_DELAY_SHARE * (now - this.#failedAt);
    const jitter = 0.75 + this.#clock.random() / 2;
    this.#nextProbeAt = now + jitter * Math.min(Math.max(delayMs, MIN_PROBE_DELAY_MS), MAX_PROBE_DELAY_MS);
  }

  /** The network has changed: the next probe is due. */
  onNetworkChange(): void {
    this.#nextProbeAt = this.#clock.ticks();
  }

  /** A response arrived, of any status. */
  onResponse(): void {
    if (this.#failedAt !== null) this.#upSince = this.#clock.ticks();
    this.#isConfirmed = false;
    this.#failedAt = null;
    this.#failure = null;
    this.#hasResponse = true;
  }

  #addUpTime(ms: number): void {
    this.#averageUpMs = average(this.#averageUpMs, ms);
  }
}

function isLinkFailure({ code }: UploadError): boolean {
  return code === 'network' || code === 'stalled' || code === 'network_sign_in';
}
