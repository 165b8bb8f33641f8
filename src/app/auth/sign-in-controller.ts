import type { ReactiveControllerHost } from 'lit';
import type { UploadClient } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError } from '../i18n/describe.ts';
import { hasSignInCode } from './auth-api.ts';
import { AuthController } from './auth-controller.ts';

/** Signs in for an element, and keeps the error that its form shows. */
export class SignInController {
  readonly #host: Pick<ReactiveControllerHost, 'requestUpdate'>;
  #problem = '';
  #auth: AuthController | null = null;

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

  setClient(client: UploadClient): void {
    this.#auth = new AuthController(client);
  }

  /** Signs in with what the browser has: settings, sign-in link or cookie. */
  async restore(client: UploadClient): Promise<void> {
    const isByLink = hasSignInCode();
    await this.#auth?.restore();
    if (isByLink && client.userId === null && !hasSignInCode()) this.#setProblem(strings().signIn.used);
  }

  async signInWithLink(link: string): Promise<void> {
    this.#setProblem('');
    try {
      const isAccepted = await this.#auth?.signInWithLink(link);
      if (!isAccepted) this.#setProblem(strings().signIn.used);
    } catch (error) {
      this.#setProblem(describeError(error));
    }
  }

  async signOut(): Promise<void> {
    await this.#auth?.signOut();
  }

  /** Call when a user is signed in. */
  clearProblem(): void {
    this.#setProblem('');
  }

  #setProblem(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#host.requestUpdate();
  }
}
