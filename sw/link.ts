import { isExact, speaks } from '../src/shared/requests.ts';
import type { Endpoint, Learned, Token } from '../src/shared/uploads-db.ts';
import { Meter } from './meter.ts';
import { renewToken } from './tokens.ts';
import type { Transport } from './transport.ts';
import type { World } from './world.ts';

/** The configured endpoint as the signed-in user reaches it: its transport, token, and what it has taught. */
export class Link {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly meter: Meter;
  readonly #world: World;
  #token: Token;
  #learned: Learned;

  private constructor(world: World, endpoint: Endpoint, token: Token, learned: Learned) {
    this.#world = world;
    this.endpoint = endpoint;
    this.#token = token;
    this.#learned = learned;
    this.meter = new Meter(learned.rateBytesPerSecond);
    this.transport = world.connect(endpoint, () => speaks(this.#learned));
  }

  /** Null while nobody is signed in or no page has said where to send. */
  static async open(world: World): Promise<Link | null> {
    const [endpoint, token] = await Promise.all([world.db.endpoint(), world.db.token()]);
    if (!endpoint || !token) return null;
    return new Link(world, endpoint, token, await world.db.learned(endpoint.uploads));
  }

  get token(): Token {
    return this.#token;
  }

  get exact(): boolean {
    return isExact(this.#learned);
  }

  /** The endpoint never answered yet. */
  get unknown(): boolean {
    return this.#learned.features === null;
  }

  get checksDigests(): boolean {
    return this.endpoint.digests && (this.#learned.features?.includes('chunk_sha256') ?? false);
  }

  /** Reads the token anew; false when another user, or nobody, is signed in now. */
  async isStillOurs(): Promise<boolean> {
    const token = await this.#world.db.token();
    if (token?.userId !== this.#token.userId) return false;
    this.#token = token;
    return true;
  }

  /** Gets a token newer than the one that was refused; false when there is none to be had without the user. */
  async renew(refused: Token): Promise<boolean> {
    if (this.#token.token !== refused.token) return true;
    const token = await renewToken(this.#world, this.endpoint, refused);
    if (token) this.#token = token;
    return token !== null;
  }

  async learn(features: readonly string[]): Promise<void> {
    if (String(this.#learned.features) === String(features) && !this.unknown) return;
    await this.#remember({ ...this.#learned, features });
  }

  /**
   * Notes that a form with an unknown field was refused by a server that never answered otherwise.
   *
   * @returns false when that cannot be the reason.
   */
  async becomeStrict(): Promise<boolean> {
    if (!this.unknown || this.#learned.strict) return false;
    await this.#remember({ ...this.#learned, strict: true });
    return true;
  }

  async rememberRate(): Promise<void> {
    const rateBytesPerSecond = this.meter.rate;
    if (rateBytesPerSecond !== this.#learned.rateBytesPerSecond)
      await this.#remember({ ...this.#learned, rateBytesPerSecond });
  }

  async #remember(learned: Learned): Promise<void> {
    this.#learned = learned;
    await this.#world.db.setLearned(this.endpoint.uploads, learned);
  }
}
