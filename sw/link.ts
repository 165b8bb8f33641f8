import type { Endpoint, ServerProfile } from '../src/shared/endpoint.ts';
import { UploadError } from '../src/shared/errors.ts';
import { createSupports, isIdempotent } from '../src/shared/requests.ts';
import type { Credentials } from '../src/shared/settings.ts';
import { Concurrency } from './concurrency.ts';
import { Meter } from './meter.ts';
import type { Order } from './pipeline.ts';
import type { Terms } from './planner.ts';
import { renewToken } from './tokens.ts';
import type { Transport } from './transport.ts';
import type { World } from './world.ts';

/** The configured endpoint as the signed-in user reaches it: its transport, token, and what it has taught. */
export class Link {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly meter: Meter;
  readonly concurrency: Concurrency;
  readonly #world: World;
  #token: Credentials;
  #learned: ServerProfile;
  #holdsOnMobile = false;

  private constructor(world: World, endpoint: Endpoint, token: Credentials, learned: ServerProfile) {
    this.#world = world;
    this.endpoint = endpoint;
    this.#token = token;
    this.#learned = learned;
    this.concurrency = new Concurrency(endpoint.concurrency);
    this.meter = new Meter(learned.rateBytesPerSecond, world.downlink(), this.concurrency.limit);
    this.transport = world.connect(endpoint, () => createSupports(this.#learned));
    this.#setCarriage();
  }

  /** Null while nobody is signed in or no page has said where to send. */
  static async open(world: World): Promise<Link | null> {
    const [endpoint, token] = await Promise.all([world.db.settings.getEndpoint(), world.db.settings.getCredentials()]);
    if (!endpoint || !token) return null;
    const link = new Link(world, endpoint, token, await world.db.settings.getServerProfile(endpoint.uploads));
    link.#holdsOnMobile = await world.db.settings.get('pauseOnCellular');
    return link;
  }

  get token(): Credentials {
    return this.#token;
  }

  /** This is mobile data, and the user wants nothing sent over it. */
  get isHeld(): boolean {
    return this.#holdsOnMobile && this.#world.onMobileData();
  }

  get exact(): boolean {
    return isIdempotent(this.#learned);
  }

  /** The endpoint never answered yet. */
  get unknown(): boolean {
    return this.#learned.features === null;
  }

  /** With key, generation and offset a chunk says itself where it belongs, before its session has a name. */
  get order(): Order {
    return { any: this.exact, startsAnywhere: this.exact && this.#knows('chunk_offset') && this.#knows('generation') };
  }

  /** What an upload that is cut now can count on. */
  get terms(): Terms {
    const { exact, checksDigests: digests } = this;
    const { ratePerFlight } = this.meter;
    const mostBytes = Math.min(this.endpoint.chunkBytes, this.#learned.maxChunkBytes ?? this.endpoint.chunkBytes);
    const unequal = exact && this.#knows('chunk_offset');
    return { exact, unequal, digests, mostBytes, ratePerFlight, inFlight: this.concurrency.limit };
  }

  get checksDigests(): boolean {
    return this.endpoint.digests && this.#knows('chunk_sha256');
  }

  /** Reads the token and the user's wishes anew; false when another user, or nobody, is signed in now. */
  async isStillOurs(): Promise<boolean> {
    const token = await this.#world.db.settings.getCredentials();
    if (token?.userId !== this.#token.userId) return false;
    this.#token = token;
    this.#holdsOnMobile = await this.#world.db.settings.get('pauseOnCellular');
    return true;
  }

  /**
   * Gets a token newer than the one that was refused; false when there is none to be had without the user.
   *
   * @throws UploadError `network` or `busy` when nobody could be asked.
   */
  async renew(refused: Credentials): Promise<boolean> {
    if (this.#token.accessToken !== refused.accessToken) return true;
    const token = await renewToken(this.#world, this.endpoint, refused);
    if (token) this.#token = token;
    return token !== null;
  }

  /**
   * Asks an endpoint that never answered what it knows. One that has no such route leaves it unknown: its first upload finds out.
   *
   * @throws UploadError with a code of requests, or the signal's reason.
   */
  async meet(signal: AbortSignal): Promise<void> {
    // What is on its way to a strict one carries no key, and must not be judged as if it did.
    if (!this.unknown || this.#learned.rejectsExtraFields || this.#learned.listsNothing) return;
    const features = await this.transport.features({ token: this.#token.accessToken, signal }).catch(noRoute);
    if (features.length > 0) await this.learn(features);
    else await this.#remember({ ...this.#learned, listsNothing: true });
  }

  async learn(features: readonly string[]): Promise<void> {
    this.#setCarriage();
    if (String(this.#learned.features) === String(features) && !this.unknown) return;
    await this.#remember({ ...this.#learned, features });
    this.#setCarriage();
  }

  /** Notes how large a chunk may be at most, after a larger one was answered with 413. */
  async learnMost(mostBytes: number): Promise<void> {
    await this.#remember({ ...this.#learned, maxChunkBytes: mostBytes });
  }

  /**
   * Notes that a form with an unknown field was refused by a server that never answered otherwise.
   *
   * @returns false when that cannot be the reason.
   */
  async becomeStrict(): Promise<boolean> {
    if (!this.unknown || this.#learned.rejectsExtraFields) return false;
    await this.#remember({ ...this.#learned, rejectsExtraFields: true });
    return true;
  }

  async rememberRate(): Promise<void> {
    const rate = this.meter.measuredRate;
    const before = this.#learned.rateBytesPerSecond;
    // A record is not written for less than anybody would notice.
    if (rate === null || (before !== null && Math.abs(rate - before) < 0.1 * before)) return;
    await this.#remember({ ...this.#learned, rateBytesPerSecond: rate });
  }

  #knows(feature: string): boolean {
    return this.#learned.features?.includes(feature) ?? false;
  }

  #setCarriage(): void {
    const shared = this.transport.multiplexed ? 'http2' : 'http1';
    this.concurrency.setCarriage(this.exact ? shared : 'original');
  }

  async #remember(learned: ServerProfile): Promise<void> {
    this.#learned = learned;
    await this.#world.db.settings.setServerProfile(this.endpoint.uploads, learned);
  }
}

function noRoute(error: unknown): readonly string[] {
  if (error instanceof UploadError && error.code === 'not_found') return [];
  throw error;
}
