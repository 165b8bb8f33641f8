import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { ApiError } from '../errors.ts';
import { hashSecret, newId } from '../ids.ts';
import { readJson, writeJson } from '../store/atomic-fs.ts';
import { KeyedMutex } from '../store/keyed-mutex.ts';

/** An identity provider whose tokens are taken instead of our own. */
export interface Provider {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
}

interface Refresh {
  readonly userId: string;
  readonly expiresAt: number;
  /** The sign-in that it comes from: all of it ends with the sign-out. */
  readonly family: string;
  /** The hash of the one that it follows. */
  readonly follows: string | null;
}

interface AuthState {
  readonly secret: string;
  readonly refresh: Readonly<Record<string, Refresh>>;
}

const ISSUER = 'parallel-chunk-uploader';
/** Signed by the provider with a key of its own; never with a secret that both would have to know. */
const PROVIDER_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const REFRESH_MS = 30 * 24 * 60 * 60_000;
/** A tab and the worker may spend the same cookie at once: one whose follower came into use stays good for this long. */
const GRACE_MS = 30_000;

/** So many followers of one cookie are kept that were never used: each stands for an answer that may still be on its way. */
const MOST_FOLLOWERS = 8;

/** Who is calling: short-lived bearer tokens, one-time sign-in codes, and refresh cookies that change with each use. */
export class Auth {
  readonly #file: string;
  readonly #provider: { readonly facts: Provider; readonly keys: JWTVerifyGetKey } | null;
  readonly #ttlSeconds: number;
  readonly #codes = new Map<string, string>();
  readonly #locks = new KeyedMutex();
  #state: AuthState = { secret: '', refresh: {} };

  constructor(dataDir: string, ttlSeconds: number, provider: Provider | null) {
    this.#file = join(dataDir, 'auth.json');
    this.#ttlSeconds = ttlSeconds;
    this.#provider = provider && { facts: provider, keys: createRemoteJWKSet(new URL(provider.jwksUrl)) };
  }

  async load(): Promise<void> {
    const kept = (await readJson(this.#file)) as AuthState | null;
    this.#state = kept ?? { secret: randomBytes(32).toString('base64url'), refresh: {} };
    // An older version wrote no families down: one for each, or the first sign-out would end all of them.
    const whole = Object.entries(this.#state.refresh).map(([hash, refresh]): [string, Refresh] => [
      hash,
      { ...refresh, family: refresh.family ?? newId(), follows: refresh.follows ?? null },
    ]);
    this.#state = { ...this.#state, refresh: Object.fromEntries(whole) };
    if (!kept) await writeJson(this.#file, this.#state);
  }

  /** Whether users sign in here, and not at an identity provider. */
  get isOwn(): boolean {
    return this.#provider === null;
  }

  /** A code that signs this user in once. */
  createCode(userId: string): string {
    const code = newId();
    this.#codes.set(code, userId);
    return code;
  }

  /** The user a one-time code stands for; it is spent with this. */
  redeemCode(code: string): string {
    const userId = this.#codes.get(code);
    this.#codes.delete(code);
    if (userId === undefined) throw new ApiError(401, 'bad_code', 'This sign-in link was used already, or is too old.');
    return userId;
  }

  /** When a bearer token that is issued now runs out, in seconds since 1970. */
  expiresAt(ttlSeconds = this.#ttlSeconds): number {
    return Math.floor(Date.now() / 1000) + ttlSeconds;
  }

  /** A bearer token of our own. */
  issue(userId: string, expiresAt = this.expiresAt()): Promise<string> {
    const jwt = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(userId);
    return jwt.setIssuer(ISSUER).setAudience(ISSUER).setIssuedAt().setExpirationTime(expiresAt).sign(this.#secret());
  }

  /**
   * The user a bearer token stands for.
   *
   * @throws ApiError 401 `token_expired` or `unauthorized`; 503 where the provider's keys cannot be had.
   */
  async authenticate(header: string | undefined): Promise<string> {
    const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1];
    if (!token) throw new ApiError(401, 'unauthorized', 'Sign in first.');
    try {
      const { payload } = await this.#verify(token);
      if (payload.sub) return payload.sub;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new ApiError(401, 'token_expired', 'The sign-in has run out.');
      // Nothing wrong with the token: asking the user to sign in again would not help.
      if (this.#provider && isOutOfReach(error)) {
        throw new ApiError(503, 'sign_in_unavailable', 'Sign-ins cannot be checked at the moment. Try again later.');
      }
    }
    throw new ApiError(401, 'unauthorized', 'Sign in first.');
  }

  /**
   * What stands in for a token at one session only. Derived, so that it can be told again when the answer that told it was
   * lost, and nothing of it need be stored.
   */
  createTicket(sessionId: string): string {
    return createHmac('sha256', this.#secret()).update(`ticket ${sessionId}`).digest('base64url');
  }

  isTicketFor(sessionId: string, ticket: string): boolean {
    const right = Buffer.from(this.createTicket(sessionId));
    const given = Buffer.from(ticket);
    return right.length === given.length && timingSafeEqual(right, given);
  }

  /** A new refresh cookie's value for a user who just signed in. */
  async createRefreshToken(userId: string): Promise<string> {
    const value = newId();
    await this.#change(() => ({ [hashSecret(value)]: fresh({ userId, family: newId(), follows: null }) }));
    return value;
  }

  /**
   * Follows up a refresh cookie; the user and the value that comes after it. The old one stays good until the new one is used:
   * the answer may never arrive, and a browser that is killed may not have written it down.
   */
  async rotateRefreshToken(value: string | undefined): Promise<{ userId: string; next: string }> {
    const hash = hashSecret(value ?? '');
    const next = newId();
    let user = '';
    await this.#change((kept) => {
      const known = kept[hash];
      if (!known || known.expiresAt < Date.now()) throw new ApiError(401, 'unauthorized', 'Sign in first.');
      const { userId, family, follows } = known;
      user = userId;
      const before = follows === null ? undefined : kept[follows];
      const graceEndsAt = Date.now() + GRACE_MS;
      return {
        ...(follows !== null &&
          before && { [follows]: { ...before, expiresAt: Math.min(before.expiresAt, graceEndsAt) } }),
        ...expireOldest(kept, hash),
        [hashSecret(next)]: fresh({ userId, family, follows: hash }),
      };
    });
    return { userId: user, next };
  }

  /** Ends the sign-in that a refresh cookie comes from, with all that followed. */
  async revokeRefreshToken(value: string | undefined): Promise<void> {
    await this.#change((kept) => {
      const known = kept[hashSecret(value ?? '')];
      const all = Object.entries(kept).filter(([, { family }]) => family === known?.family);
      return Object.fromEntries(all.map(([hash, refresh]) => [hash, { ...refresh, expiresAt: 0 }]));
    });
  }

  #verify(token: string) {
    if (this.#provider) {
      const { facts, keys } = this.#provider;
      const rules = { issuer: facts.issuer, audience: facts.audience, algorithms: PROVIDER_ALGORITHMS };
      return jwtVerify(token, keys, { ...rules, requiredClaims: ['exp'] });
    }
    const rules = { issuer: ISSUER, audience: ISSUER, algorithms: ['HS256'] };
    return jwtVerify(token, this.#secret(), { ...rules, requiredClaims: ['exp'] });
  }

  /** Reads, decides and writes in one turn: a sign-out beside a refresh must see the cookie that the refresh makes. */
  #change(step: (kept: AuthState['refresh']) => AuthState['refresh']): Promise<void> {
    return this.#locks.run('file', async () => {
      const all = Object.entries({ ...this.#state.refresh, ...step(this.#state.refresh) });
      const refresh = Object.fromEntries(all.filter(([, { expiresAt }]) => expiresAt > Date.now()));
      this.#state = { ...this.#state, refresh };
      await writeJson(this.#file, this.#state);
    });
  }

  #secret(): Uint8Array {
    return Buffer.from(this.#state.secret, 'base64url');
  }
}

function fresh(refresh: Omit<Refresh, 'expiresAt'>): Refresh {
  return { ...refresh, expiresAt: Date.now() + REFRESH_MS };
}

/** Makes room for one more follower of this one: the oldest that nobody came back with are over. */
function expireOldest(kept: AuthState['refresh'], hash: string): AuthState['refresh'] {
  const inUseError = new Set(Object.values(kept).map(({ follows }) => follows));
  const unused = Object.entries(kept).filter(([own, { follows }]) => follows === hash && !inUseError.has(own));
  const oldest = unused.sort(([, a], [, b]) => b.expiresAt - a.expiresAt).slice(MOST_FOLLOWERS - 1);
  return Object.fromEntries(oldest.map(([own, refresh]) => [own, { ...refresh, expiresAt: 0 }]));
}

/** Whether it was the key set that could not be had, and not the token that was wrong. */
function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return error.code === 'ERR_JWKS_TIMEOUT' || error.code === 'ERR_JOSE_GENERIC';
}
