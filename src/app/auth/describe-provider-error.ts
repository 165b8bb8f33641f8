import { strings } from '../i18n/catalogue.ts';
import type { ProviderError } from './provider-error.ts';

/** Why a sign-in at the identity provider failed, and what to do. */
export function describeProviderError({ code, message }: ProviderError): string {
  const text = strings().signIn.provider[code];
  return typeof text === 'string' ? text : text(message);
}
