import { type UploadClient, UploadError } from '../../page/index.ts';
import { readSettings } from '../state/settings.ts';
import { hasSignInCode, signIn, signInWithLink, signOut } from './auth-api.ts';

/** Who is signed in: by the server of this origin, or by a token that a developer has set for another. */
export class AuthController {
  readonly #client: Pick<UploadClient, 'setCredentials'>;
  readonly #settings = readSettings();
  /** Counts what the user did: an answer to what was asked before says nothing any more. */
  #deeds = 0;

  constructor(client: Pick<UploadClient, 'setCredentials'>) {
    this.#client = client;
  }

  /** Whether somebody is just signing in: until then nobody's queue may be shown. */
  get isSigningIn(): boolean {
    return this.#settings.token !== null || (this.#isOwn && hasSignInCode());
  }

  /** Signs in by what is there: a set token, the code in the address, or the cookie. */
  async restore(): Promise<void> {
    const { token } = this.#settings;
    if (token) return this.#client.setCredentials(token);
    if (!this.#isOwn) return;
    // To open a link is something that the user does.
    const deeds = hasSignInCode() ? ++this.#deeds : this.#deeds;
    try {
      const answer = await signIn();
      if (deeds === this.#deeds) await this.#client.setCredentials(answer);
    } catch (error) {
      // Offline nothing is known of the session: whoever was signed in goes on queueing.
      if (!(error instanceof UploadError && error.code === 'network')) throw error;
    }
  }

  /**
   * Signs in by a link that somebody pasted.
   *
   * @returns false when the server does not take it.
   * @throws UploadError `network`.
   */
  async signInWithLink(link: string): Promise<boolean> {
    // A link is of the server that served this page: its token is nothing for another one.
    if (!this.#isOwn) return false;
    const token = await signInWithLink(link);
    if (token === null) return false;
    this.#deeds++;
    await this.#client.setCredentials(token);
    return true;
  }

  async signOut(): Promise<void> {
    // The server first: its cookie would sign the user in again.
    if (this.#isOwn) await signOut();
    this.#deeds++;
    await this.#client.setCredentials(null);
  }

  get #isOwn(): boolean {
    return this.#settings.options.endpoint === undefined;
  }
}
