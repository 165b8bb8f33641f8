/**
 * Why a sign-in at the identity provider failed:
 *
 * - `denied`: the user did not allow it.
 * - `interrupted`: the response belongs to no sign-in of this tab.
 * - `unreachable`: the provider gave no answer.
 * - `refused`: the provider, or a rule of OpenID Connect, refuses it. The message says why.
 */
export type ProviderErrorCode = 'denied' | 'interrupted' | 'unreachable' | 'refused';

/** An identity provider did not sign the user in. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: ProviderErrorCode;

  constructor(code: ProviderErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
