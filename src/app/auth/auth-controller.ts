import { type Credentials, type UploadClient, UploadError } from '../../page/index.ts';
import { readGuestLink } from '../guest/guest-api.ts';
import { switchGuestMode, toGuestCredentials } from '../guest/guest-mode.ts';
import { getLinkedGuestToken, readGuestToken } from '../guest/guest-token.ts';
import { forgetDeveloperCredentials, readDeveloperSettings } from '../state/developer-settings.ts';
import { getSignInCode, parseSignInCode, redeemCode, refreshCredentials, signOut } from './auth-api.ts';
import { type OpenIdConfig, readAuthConfig } from './auth-config.ts';
import { loadProviderClient, renewExpiredAtProvider, restoreAtProvider } from './provider-access.ts';
import { hasProviderResponse } from './provider-session.ts';

/** Who would replace whom in this browser. */
export interface UserSwitch {
  /** The id of the signed-in user or guest. */
  readonly from: string;
  /** The id of the other user; for a guest the name of the recipient, which may be empty. */
  readonly to: string;
  readonly isGuest: boolean;
}

/** Asks the signed-in user whether another one may take their place. */
export type ConfirmSwitch = (users: UserSwitch) => Promise<boolean>;

type AuthClient = Pick<UploadClient, 'userId' | 'setCredentials' | 'isAccepted' | 'signOut'>;

/** What the URL of the page carries. Read once: a link that is opened meanwhile is another one. */
interface Link {
  readonly code: string | null;
  readonly guestToken: string | null;
}

/** New credentials, null for none, or undefined if the user stays who they are. */
type Restored = Credentials | null | undefined;

/**
 * Signs users in and out: at the server of this origin, at its identity provider, or with the
 * credentials that a developer set for another server.
 */
export class AuthController {
  readonly #client: AuthClient;
  readonly #confirmSwitch: ConfirmSwitch;
  #settings = readDeveloperSettings();
  /**
   * Counts the actions of the user. The response to an earlier request no longer applies after an
   * action.
   */
  #actions = 0;
  /** The link that is being opened: going online must not open it again. */
  #opening: Promise<void> | null = null;

  constructor(client: AuthClient, confirmSwitch: ConfirmSwitch) {
    this.#client = client;
    this.#confirmSwitch = confirmSwitch;
  }

  /**
   * Whether `restore` will sign a user in. Until then the app must not show the queue of the
   * previous user.
   */
  get isSigningIn(): boolean {
    return this.#settings.credentials !== null || (this.isOwnServer && isLinked());
  }

  /** Whether the app belongs to the server that it uploads to. */
  get isOwnServer(): boolean {
    return this.#settings.options.endpoint === undefined;
  }

  /**
   * Signs in with the credentials of the settings, a link or a response in the URL, or what the
   * browser has kept.
   *
   * @throws ProviderError.
   */
  restore(): Promise<void> {
    const link = readLink();
    if (!isLinked()) return this.#signIn(link);
    this.#opening ??= this.#signIn(link).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /**
   * Signs in with a pasted link.
   *
   * @returns false if the server rejects it.
   * @throws UploadError `network`.
   */
  async signInWithLink(link: string): Promise<boolean> {
    // Sign-in links belong to the server of this origin. Another server must not get its token.
    const code = this.isOwnServer ? parseSignInCode(link) : null;
    const redemption = code === null ? null : await redeemCode(code, null);
    if (redemption?.kind !== 'signed-in') return false;
    this.#actions++;
    await this.#client.setCredentials(redemption.credentials);
    return true;
  }

  /**
   * Leaves the page for the identity provider.
   *
   * @throws ProviderError `unreachable`.
   */
  async signInAtProvider(config: OpenIdConfig): Promise<void> {
    await (await loadProviderClient(config)).start();
  }

  /**
   * Renews the access token of an identity provider if it has expired, for uploads that wait for it
   * since the provider could not be reached.
   */
  async renewExpired(): Promise<void> {
    if (!this.isOwnServer || readGuestToken() !== null) return;
    const action = this.#actions;
    const credentials = await renewExpiredAtProvider();
    const isSameUser = credentials?.userId === this.#client.userId;
    if (credentials && isSameUser && action === this.#actions) await this.#client.setCredentials(credentials);
  }

  /** Signs out, also at the identity provider, whose page may replace this one. */
  async signOut(): Promise<void> {
    if (readGuestToken() !== null) return switchGuestMode(this.#client, null);
    const page = await this.#endSignIn();
    this.#actions++;
    forgetDeveloperCredentials();
    this.#settings = readDeveloperSettings();
    await this.#client.signOut();
    if (page) location.assign(page);
  }

  async #signIn(link: Link): Promise<void> {
    const { credentials } = this.#settings;
    if (credentials) return this.#client.setCredentials(credentials);
    if (!this.isOwnServer) return;
    const guestToken = readGuestToken();
    if (guestToken !== null) await this.#client.setCredentials(toGuestCredentials(guestToken));
    // Opening a link is an action of the user.
    const action = isLinked() ? ++this.#actions : this.#actions;
    try {
      const restored = await this.#restore(link);
      // A killed browser may have lost its cookie. The access token may still be good.
      if (restored === undefined || (restored === null && (await this.#client.isAccepted()))) return;
      if (action === this.#actions) await this.#client.setCredentials(restored);
    } catch (error) {
      // Offline the signed-in user stays signed in and can add files.
      if (!(error instanceof UploadError && error.code === 'network')) throw error;
    }
  }

  /** The server first: its refresh cookie would sign the user in again. */
  async #endSignIn(): Promise<URL | null> {
    if (!this.isOwnServer) return null;
    const config = await readAuthConfig();
    if (config.sign_in === 'openid') return (await loadProviderClient(config)).end();
    if (config.sign_in === 'link') await signOut();
    return null;
  }

  async #restore({ code, guestToken }: Link): Promise<Restored> {
    if (guestToken !== null) return this.#openGuestLink(guestToken);
    if (readGuestToken() !== null) return this.#restoreGuest(code);
    const config = await readAuthConfig();
    if (config.sign_in === 'openid') return restoreAtProvider(config, this.#client.userId);
    if (config.sign_in === 'none') return undefined;
    if (code === null) return refreshCredentials();
    const restored = await this.#redeem(code);
    removeHash();
    return restored === null ? refreshCredentials() : restored;
  }

  async #redeem(code: string): Promise<Restored> {
    const { userId } = this.#client;
    const redemption = await redeemCode(code, userId);
    if (redemption.kind === 'signed-in') return redemption.credentials;
    if (redemption.kind === 'refused' || userId === null) return null;
    if (!(await this.#confirmSwitch({ from: userId, to: redemption.userId, isGuest: false }))) return undefined;
    const confirmed = await redeemCode(code, null);
    return confirmed.kind === 'signed-in' ? confirmed.credentials : null;
  }

  async #openGuestLink(token: string): Promise<undefined> {
    const { userId } = this.#client;
    const isOther = token !== readGuestToken();
    const mustSwitch = isOther && (userId === null || (await this.#askForGuest(userId, token)));
    removeHash();
    if (mustSwitch) await switchGuestMode(this.#client, token);
  }

  async #askForGuest(from: string, token: string): Promise<boolean> {
    const link = await readGuestLink(token);
    if (link) return this.#confirmSwitch({ from, to: link.recipient, isGuest: true });
    removeHash();
    const message = 'This guest link has ended. Ask for a new one.';
    throw new UploadError('refused', message, { serverCode: 'guest_link_ended' });
  }

  /** A guest who opens a sign-in link becomes a user when the app has started again. */
  async #restoreGuest(code: string | null): Promise<undefined> {
    const { userId } = this.#client;
    if (code === null || userId === null) return;
    const redemption = await redeemCode(code, userId);
    const isOther = redemption.kind === 'other-user';
    if (isOther && (await this.#confirmSwitch({ from: userId, to: redemption.userId, isGuest: false }))) {
      await switchGuestMode(this.#client, null);
    }
    removeHash();
  }
}

function readLink(): Link {
  return { code: getSignInCode(), guestToken: getLinkedGuestToken() };
}

/** Whether the URL is a link, or a response of the provider, that signs in. */
function isLinked(): boolean {
  return getSignInCode() !== null || getLinkedGuestToken() !== null || hasProviderResponse();
}

/** Codes and tokens must not remain in the history or in a copied URL. */
function removeHash(): void {
  history.replaceState(null, '', location.pathname + location.search);
}
