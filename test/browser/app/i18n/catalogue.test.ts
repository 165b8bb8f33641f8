import { afterEach, expect, it } from 'vitest';
import { getLanguage, setAudience, setLanguage, strings } from '../../../../src/app/i18n/catalogue.ts';

afterEach(() => {
  setAudience('user');
  return setLanguage('en');
});

it('shows the language chosen last, whichever loads first', async () => {
  // English is loaded already, the other one has to be fetched.
  await Promise.all([setLanguage('de'), setLanguage('en')]);
  expect([getLanguage(), document.documentElement.lang]).toEqual(['en', 'en']);
});

it.each([
  ['en', 'Sign out', 'Leave'],
  ['de', 'Abmelden', 'Verlassen'],
] as const)('replaces some texts for guests, and keeps the others (%s)', async (language, forUsers, forGuests) => {
  await setLanguage(language);
  const { signIn, errors, state } = strings();
  expect(signIn.out).toBe(forUsers);
  setAudience('guest');
  await setLanguage(language);
  const guest = strings();
  expect(guest.signIn.out).toBe(forGuests);
  expect(guest.signIn.cancel).toBe(signIn.cancel);
  expect(guest.errors.quota_full).not.toBe(errors.quota_full);
  expect(guest.errors.bad_field).toBe(errors.bad_field);
  expect(guest.state.uploading).toBe(state.uploading);
});
