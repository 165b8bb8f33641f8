import type { Credentials } from '../../src/shared/db/settings.ts';
import type { Endpoint, ServerProfile } from '../../src/shared/endpoint.ts';
import { UploadError } from '../../src/shared/errors.ts';
import { createSupports, isIdempotent } from '../../src/shared/requests.ts';
import type { Ordering, PlanLimits } from '../ports/plan-limits.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { Transport } from '../ports/transport.ts';
import { Concurrency } from './concurrency.ts';
import { renewCredentials } from './credentials.ts';
import { Meter } from './meter.ts';

/** The configured endpoint as the signed-in user reaches it: its transport, token, and what it has taught. */
export class ServerConnection {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly meter: Meter;
  readonly concurrency: Concurrency;
  readonly #deps: DriverDependencies;
  #credentials: Credentials;
  #profile: ServerProfile;
  #pausesOnCellular = false;

  private constructor(world: DriverDependencies, endpoint: Endpoint, token: Credentials, learned: ServerProfile) {
    this.#deps = world;
    this.endpoint = endpoint;
    this.#credentials = token;
    this.#profile = learned;
    this.concurrency = new Concurrency(endpoint.concurrency);
    this.meter = new Meter(learned.rateBytesPerSecond, world.downlink(), this.concurrency.limit);
    this.transport = world.createTransport(endpoint, () => createSupports(this.#profile));
    this.#updateProtocolLimit();
  }

  /** Null while nobody is signed in or no page has said where to send. */
  static async open(world: DriverDependencies): Promise<ServerConnection | null> {
    const [endpoint, token] = await Promise.all([world.db.settings.getEndpoint(), world.db.settings.getCredentials()]);
    if (!endpoint || !token) return null;
    const link = new ServerConnection(
      world,
      endpoint,
      token,
      await world.db.settings.getServerProfile(endpoint.uploads),
    );
    link.#pausesOnCellular = await world.db.settings.get('pauseOnCellular');
    return link;
  }

  get credentials(): Credentials {
    return this.#credentials;
  }

  /** This is mobile data, and the user wants nothing sent over it. */
  get isPausedOnCellular(): boolean {
    return this.#pausesOnCellular && this.#deps.onMobileData();
  }

  get exact(): boolean {
    return isIdempotent(this.#profile);
  }

  /** The endpoint never answered yet. */
  get unknown(): boolean {
    return this.#profile.features === null;
  }

  /** With key, generation and offset a chunk says itself where it belongs, before its session has a name. */
  get ordering(): Ordering {
    return {
      any: this.exact,
      startsAnywhere: this.exact && this.#supports('chunk_offset') && this.#supports('generation'),
    };
  }

  /** What an upload that is cut now can count on. */
  get planLimits(): PlanLimits {
    const { exact, usesDigests: digests } = this;
    const { ratePerRequest: ratePerFlight } = this.meter;
    const mostBytes = Math.min(this.endpoint.chunkBytes, this.#profile.maxChunkBytes ?? this.endpoint.chunkBytes);
    const unequal = exact && this.#supports('chunk_offset');
    return {
      exact,
      unequal,
      digests,
      maxChunkBytes: mostBytes,
      ratePerRequest: ratePerFlight,
      maxInFlight: this.concurrency.limit,
    };
  }

  get usesDigests(): boolean {
    return this.endpoint.digests && this.#supports('chunk_sha256');
  }

  /** Reads the token and the user's wishes anew; false when another user, or nobody, is signed in now. */
  async reloadUser(): Promise<boolean> {
    const token = await this.#deps.db.settings.getCredentials();
    if (token?.userId !== this.#credentials.userId) return false;
    this.#credentials = token;
    this.#pausesOnCellular = await this.#deps.db.settings.get('pauseOnCellular');
    return true;
  }

  /**
   * Gets a token newer than the one that was refused; false when there is none to be had without the user.
   *
   * @throws UploadError `network` or `busy` when nobody could be asked.
   */
  async renewCredentials(refused: Credentials): Promise<boolean> {
    if (this.#credentials.accessToken !== refused.accessToken) return true;
    const token = await renewCredentials(this.#deps, this.endpoint, refused);
    if (token) this.#credentials = token;
    return token !== null;
  }

  /**
   * Asks an endpoint that never answered what it knows. One that has no such route leaves it unknown: its first upload finds out.
   *
   * @throws UploadError with a code of requests, or the signal's reason.
   */
  async discover(signal: AbortSignal): Promise<void> {
    // What is on its way to a strict one carries no key, and must not be judged as if it did.
    if (!this.unknown || this.#profile.rejectsExtraFields || this.#profile.listsNothing) return;
    const features = await this.transport
      .discover({ accessToken: this.#credentials.accessToken, signal })
      .catch(ignoreMissingRoute);
    if (features.length > 0) await this.updateFeatures(features);
    else await this.#saveProfile({ ...this.#profile, listsNothing: true });
  }

  async updateFeatures(features: readonly string[]): Promise<void> {
    this.#updateProtocolLimit();
    if (String(this.#profile.features) === String(features) && !this.unknown) return;
    await this.#saveProfile({ ...this.#profile, features });
    this.#updateProtocolLimit();
  }

  /** Notes how large a chunk may be at most, after a larger one was answered with 413. */
  async rememberMaxChunkBytes(mostBytes: number): Promise<void> {
    await this.#saveProfile({ ...this.#profile, maxChunkBytes: mostBytes });
  }

  /**
   * Notes that a form with an unknown field was refused by a server that never answered otherwise.
   *
   * @returns false when that cannot be the reason.
   */
  async rememberStrict(): Promise<boolean> {
    if (!this.unknown || this.#profile.rejectsExtraFields) return false;
    await this.#saveProfile({ ...this.#profile, rejectsExtraFields: true });
    return true;
  }

  async rememberRate(): Promise<void> {
    const rate = this.meter.measuredRate;
    const before = this.#profile.rateBytesPerSecond;
    // A record is not written for less than anybody would notice.
    if (rate === null || (before !== null && Math.abs(rate - before) < 0.1 * before)) return;
    await this.#saveProfile({ ...this.#profile, rateBytesPerSecond: rate });
  }

  #supports(feature: string): boolean {
    return this.#profile.features?.includes(feature) ?? false;
  }

  #updateProtocolLimit(): void {
    const shared = this.transport.isMultiplexed ? 'http2' : 'http1';
    this.concurrency.setProtocolLimit(this.exact ? shared : 'original');
  }

  async #saveProfile(learned: ServerProfile): Promise<void> {
    this.#profile = learned;
    await this.#deps.db.settings.setServerProfile(this.endpoint.uploads, learned);
  }
}

function ignoreMissingRoute(error: unknown): readonly string[] {
  if (error instanceof UploadError && error.code === 'not_found') return [];
  throw error;
}
