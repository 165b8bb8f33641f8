import type { Capabilities, Ordering } from '../../src/shared/capabilities.ts';
import type { Credentials } from '../../src/shared/db/settings.ts';
import type { Endpoint } from '../../src/shared/endpoint.ts';
import { hasEqualJson } from '../../src/shared/equal-json.ts';
import { UploadError } from '../../src/shared/errors.ts';
import type { ServerProfile } from '../../src/shared/server-profile.ts';
import type { PlanLimits } from '../ports/plan-limits.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { Transport } from '../ports/transport.ts';
import { Concurrency } from './concurrency.ts';
import { renewCredentials } from './credentials.ts';
import { Link } from './link.ts';
import { Meter } from './meter.ts';

/** A measurement is stored only if it differs from the stored one by more than this share. */
const MIN_CHANGE = 0.1;
/** How many seconds of the rate are in flight, at most: that is what a cut of the link can cost. */
const MAX_FLIGHT_SECONDS = 2.5;
const MIN_FLIGHT_SECONDS = 0.75;
/** The bytes in flight are at most this share of the time between two outages. */
const FLIGHT_SHARE = 1 / 8;
/** Chunks hide the waits for the responses of each other if this many waits are in flight. */
const WAITS_IN_FLIGHT = 2;

/**
 * The configured server for the signed-in user: transport, credentials and server profile.
 */
export class ServerConnection {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly meter: Meter;
  readonly link: Link;
  readonly concurrency: Concurrency;
  readonly #deps: DriverDependencies;
  #credentials: Credentials;
  #profile: ServerProfile;
  #isProfileSaved = true;
  #pausesOnCellular = false;

  private constructor(deps: DriverDependencies, endpoint: Endpoint, credentials: Credentials, profile: ServerProfile) {
    this.#deps = deps;
    this.endpoint = endpoint;
    this.#credentials = credentials;
    this.#profile = profile;
    const store = { get: () => this.#profile, update: (changes: Partial<ServerProfile>) => this.#update(changes) };
    this.transport = deps.createTransport(endpoint, store);
    this.concurrency = new Concurrency(endpoint.concurrency, () => this.transport.maxInFlight, profile.streams);
    this.link = new Link(deps.clock, profile.upMs ?? null);
    this.meter = new Meter(profile.rateBytesPerSecond, deps.downlink(), this.concurrency.limit);
  }

  /** Resolves with null if no user is signed in or no page has configured a server. */
  static async open(deps: DriverDependencies): Promise<ServerConnection | null> {
    const { settings } = deps.db;
    const [endpoint, credentials] = await Promise.all([settings.getEndpoint(), settings.getCredentials()]);
    if (!endpoint || !credentials) return null;
    const profile = await settings.getServerProfile(endpoint.uploads);
    const server = new ServerConnection(deps, endpoint, credentials, profile);
    server.#pausesOnCellular = await settings.get('pauseOnCellular');
    return server;
  }

  get credentials(): Credentials {
    return this.#credentials;
  }

  get capabilities(): Capabilities {
    return this.transport.capabilities;
  }

  /** False until the server has listed its features. */
  get isDiscovered(): boolean {
    return this.transport.isDiscovered;
  }

  /** True on a cellular connection, if the user pauses uploads there. */
  get isPausedOnCellular(): boolean {
    return this.#pausesOnCellular && this.#deps.isOnCellular();
  }

  get ordering(): Ordering {
    return this.capabilities.order;
  }

  get planLimits(): PlanLimits {
    const { limits, fileLists } = this.capabilities;
    const { chunkBytes } = this.endpoint;
    return {
      ...limits,
      fileLists,
      maxChunkBytes: Math.min(limits.maxChunkBytes, chunkBytes, this.#profile.maxChunkBytes ?? chunkBytes),
      digests: this.usesDigests,
      rate: this.meter.rate,
      inFlight: this.concurrency.limit,
      flightSeconds: this.#flightSeconds,
    };
  }

  /** The most bytes in flight; infinite before a rate was measured in this run. */
  get maxFlightBytes(): number {
    const { capacity } = this.meter;
    return capacity === null ? Number.POSITIVE_INFINITY : capacity * this.#flightSeconds;
  }

  get #flightSeconds(): number {
    const { averageUpMs } = this.link;
    const cutSeconds = averageUpMs === null ? MAX_FLIGHT_SECONDS : (averageUpMs / 1000) * FLIGHT_SHARE;
    const waitSeconds = ((this.meter.overheadMs ?? 0) / 1000) * WAITS_IN_FLIGHT;
    return Math.min(MAX_FLIGHT_SECONDS, Math.max(MIN_FLIGHT_SECONDS, waitSeconds, cutSeconds));
  }

  /** True if chunks are sent with their digests. */
  get usesDigests(): boolean {
    return this.endpoint.digests && this.capabilities.digest !== null;
  }

  /**
   * Reads credentials and preferences again; resolves with false if the user has changed or signed
   * out.
   */
  async reloadUser(): Promise<boolean> {
    const { settings } = this.#deps.db;
    const credentials = await settings.getCredentials();
    if (credentials?.userId !== this.#credentials.userId) return false;
    this.#credentials = credentials;
    this.#pausesOnCellular = await settings.get('pauseOnCellular');
    return true;
  }

  /**
   * Replaces credentials that the server refused; resolves with false if only the user can sign in
   * again.
   *
   * @throws UploadError with a code of requests if the refresh endpoint gave no answer of its own.
   */
  async renewCredentials(refused: Credentials): Promise<boolean> {
    if (this.#credentials.accessToken !== refused.accessToken) return true;
    const credentials = await renewCredentials(this.#deps, this.endpoint, refused);
    if (credentials) this.#credentials = credentials;
    return credentials !== null;
  }

  /**
   * Asks an unknown server for its features.
   *
   * @throws UploadError with a code of requests, or the signal's reason.
   */
  async discover(signal: AbortSignal): Promise<void> {
    try {
      await this.transport.discover({ accessToken: this.#credentials.accessToken, signal });
    } catch (error) {
      // Another origin may hide the response, which then looks like a network failure.
      if (error instanceof UploadError && error.code !== 'network') this.link.onError(error);
      throw error;
    }
    await this.saveProfile();
  }

  /** Limits later chunks to this size, after the server refused a larger one. */
  async rememberMaxChunkBytes(maxChunkBytes: number): Promise<void> {
    this.#update({ maxChunkBytes });
    await this.saveProfile();
  }

  /** Stores what was measured of the link, for the plans of later uploads. */
  async rememberLink(): Promise<void> {
    const { rateBytesPerSecond, upMs = null } = this.#profile;
    const { currentRate } = this.meter;
    if (hasChanged(rateBytesPerSecond, currentRate)) this.#update({ rateBytesPerSecond: currentRate });
    const { averageUpMs } = this.link;
    if (hasChanged(upMs, averageUpMs)) this.#update({ upMs: averageUpMs });
    const { streams } = this.concurrency;
    if (streams !== null) this.#update({ streams });
    await this.saveProfile();
  }

  /** Writes the profile to the database if it has changed. */
  async saveProfile(): Promise<void> {
    if (this.#isProfileSaved) return;
    this.#isProfileSaved = true;
    await this.#deps.db.settings.setServerProfile(this.endpoint.uploads, this.#profile);
  }

  #update(changes: Partial<ServerProfile>): void {
    const profile = { ...this.#profile, ...changes };
    if (hasEqualJson(profile, this.#profile)) return;
    this.#profile = profile;
    this.#isProfileSaved = false;
  }
}

function hasChanged(before: number | null, now: number | null): now is number {
  return now !== null && (before === null || Math.abs(now - before) >= MIN_CHANGE * before);
}
