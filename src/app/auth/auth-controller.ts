import { type UploadClient, UploadError } from '../../page/index.ts';
import { forgetDeveloperCredentials, readDeveloperSettings } from '../state/developer-settings.ts';
import { hasSignInCode, signIn, signInWithLink, signOut } from './auth-api.ts';

type AuthClient = Pick<UploadClient, 'setCredentials' | 'isAccepted' | 'signOut'>;

/**
 * Signs users in and out: at the server of this origin, or with the credentials that a developer
 * set for another one.
 */
export class AuthController {
  readonly #client: AuthClient;
  #settings = readDeveloperSettings();
  /**
   * Counts the actions of the user. The response to an earlier request no longer applies after an
   * action.
   */
  #actions = 0;

  constructor(client: AuthClient) {
    this.#client = client;
  }

  /**
   * Whether `restore` will sign a user in. Until then the app must not show the queue of the
   * previous user.
   */
  get isSigningIn(): boolean {
    return this.#settings.credentials !== null || (this.#isOwnServer && hasSignInCode());
  }

  /** Signs in with the credentials of the settings, the code in the URL, or the refresh cookie. */
  async restore(): Promise<void> {
    const { credentials } = this.#settings;
    if (credentials) return this.#client.setCredentials(credentials);
    if (!this.#isOwnServer) return;
    // Opening a link is an action of the user.
    const action = hasSignInCode() ? ++this.#actions : this.#actions;
    try {
      const response = await signIn();
      // A killed browser may have lost its cookie. The access token may still be good.
      if (response === null && (await this.#client.isAccepted())) return;
      if (action === this.#actions) await this.#client.setCredentials(response);
    } catch (error) {
      // Offline the signed-in user stays signed in and can add files.
      if (!(error instanceof UploadError && error.code === 'network')) throw error;
    }
  }

  /**
   * Signs in with a pasted link.
   *
   * @returns false if the server rejects it.
   * @throws UploadError `network`.
   */
  async signInWithLink(link: string): Promise<boolean> {
    // Sign-in links belong to the server of this origin. Another server must not get its token.
    if (!this.#isOwnServer) return false;
    const credentials = await signInWithLink(link);
    if (credentials === null) return false;
    this.#actions++;
    await this.#client.setCredentials(credentials);
    return true;
  }

  async signOut(): Promise<void> {
    // The server first: its refresh cookie would sign the user in again.
    if (this.#isOwnServer) await signOut();
    this.#actions++;
    forgetDeveloperCredentials();
    this.#settings = readDeveloperSettings();
    await this.#client.signOut();
  }

  get #isOwnServer(): boolean {
    return this.#settings.options.endpoint === undefined;
  }
}
