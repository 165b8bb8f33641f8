import type { Capabilities, Ordering } from '../../src/shared/capabilities.ts';
import type { Credentials } from '../../src/shared/db/settings.ts';
import type { Endpoint } from '../../src/shared/endpoint.ts';
import { hasEqualJson } from '../../src/shared/equal-json.ts';
import type { ServerProfile } from '../../src/shared/server-profile.ts';
import type { PlanLimits } from '../ports/plan-limits.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { Transport } from '../ports/transport.ts';
import { Concurrency } from './concurrency.ts';
import { renewCredentials } from './credentials.ts';
import { Meter } from './meter.ts';

/** A measured rate is stored only if it differs from the stored one by more than this share. */
const MIN_RATE_CHANGE = 0.1;

/**
 * The configured server for the signed-in user: transport, credentials and server profile.
 */
export class ServerConnection {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly meter: Meter;
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
    this.concurrency = new Concurrency(endpoint.concurrency, () => this.transport.maxInFlight);
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
    const { limits, canRecut, fileLists } = this.capabilities;
    const { chunkBytes } = this.endpoint;
    return {
      ...limits,
      canRecut,
      fileLists,
      maxChunkBytes: Math.min(limits.maxChunkBytes, chunkBytes, this.#profile.maxChunkBytes ?? chunkBytes),
      digests: this.usesDigests,
      ratePerRequest: this.meter.ratePerRequest,
      maxInFlight: this.concurrency.limit,
    };
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
   * @throws UploadError `network`, `server_busy` or `gateway_error` if the refresh endpoint gave no
   *   answer.
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
    await this.transport.discover({ accessToken: this.#credentials.accessToken, signal });
    await this.saveProfile();
  }

  /** Limits later chunks to this size, after the server refused a larger one. */
  async rememberMaxChunkBytes(maxChunkBytes: number): Promise<void> {
    this.#update({ maxChunkBytes });
    await this.saveProfile();
  }

  async rememberRate(): Promise<void> {
    const rate = this.meter.measuredRate;
    const before = this.#profile.rateBytesPerSecond;
    if (rate === null || (before !== null && Math.abs(rate - before) < MIN_RATE_CHANGE * before)) return;
    this.#update({ rateBytesPerSecond: rate });
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
