import type { ReactiveControllerHost } from 'lit';
import type { UploadClient } from '../../page/index.ts';
import { readGuestToken } from '../guest/guest-token.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError } from '../i18n/describe.ts';
import { getSignInCode } from './auth-api.ts';
import { type AuthConfig, readAuthConfig } from './auth-config.ts';
import { AuthController, type UserSwitch } from './auth-controller.ts';
import { describeProviderError } from './describe-provider-error.ts';
import { ProviderError } from './provider-error.ts';

/** Signs in for an element, and keeps the error that its form shows. */
export class SignInController {
  readonly #host: Pick<ReactiveControllerHost, 'requestUpdate'>;
  #problem = '';
  #auth: AuthController | null = null;
  #config: AuthConfig | null = null;

  constructor(host: Pick<ReactiveControllerHost, 'requestUpdate'>) {
    this.#host = host;
  }

  /** Why the last sign-in failed; empty if it did not. */
  get problem(): string {
    return this.#problem;
  }

  /** Whether `restore` will sign a user in. */
  get isSigningIn(): boolean {
    return this.#auth?.isSigningIn ?? false;
  }

  /** How users sign in; null for guests, and until the server has answered. */
  get config(): AuthConfig | null {
    return this.#config;
  }

  setClient(client: UploadClient): void {
    this.#auth = new AuthController(client, confirmSwitch);
    if (!this.#auth.isOwnServer) this.#config = { sign_in: 'none' };
    else if (this.#isManaged) void this.#readConfig();
  }

  /** Signs in with what the browser has: settings, sign-in link or cookie. */
  async restore(client: UploadClient): Promise<void> {
    const isByLink = getSignInCode() !== null;
    try {
      await this.#auth?.restore();
      if (this.#isManaged) await this.#readConfig();
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      this.#setProblem(describeProviderError(error));
    }
    if (isByLink && client.userId === null && getSignInCode() === null) this.#setProblem(strings().signIn.used);
  }

  async signInWithLink(link: string): Promise<void> {
    await this.#act(async () => {
      const isAccepted = await this.#auth?.signInWithLink(link);
      if (!isAccepted) this.#setProblem(strings().signIn.used);
    });
  }

  /** Leaves the page for the identity provider. */
  async signInAtProvider(): Promise<void> {
    const config = this.#config;
    if (config?.sign_in === 'openid') await this.#act(async () => this.#auth?.signInAtProvider(config));
  }

  /** Renews an access token that has expired while the identity provider was not reachable. */
  async renewExpired(): Promise<void> {
    await this.#auth?.renewExpired();
  }

  async signOut(): Promise<void> {
    await this.#auth?.signOut();
  }

  /** Call when a user is signed in. */
  clearProblem(): void {
    this.#setProblem('');
  }

  /** Whether users of the server of this app sign in here, and no guests. */
  get #isManaged(): boolean {
    return Boolean(this.#auth?.isOwnServer) && readGuestToken() === null;
  }

  async #readConfig(): Promise<void> {
    // Offline the form asks for a link, until the server has answered.
    this.#config = await readAuthConfig().catch(() => this.#config ?? { sign_in: 'link' as const });
    this.#host.requestUpdate();
  }

  async #act(act: () => Promise<void>): Promise<void> {
    this.#setProblem('');
    try {
      await act();
    } catch (error) {
      this.#setProblem(error instanceof ProviderError ? describeProviderError(error) : describeError(error));
    }
  }

  #setProblem(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#host.requestUpdate();
  }
}

/** Asks in a dialog, which loads when it is needed. */
async function confirmSwitch(users: UserSwitch): Promise<boolean> {
  const { askToSwitch } = await import('./switch-user.ts');
  return askToSwitch(users);
}
