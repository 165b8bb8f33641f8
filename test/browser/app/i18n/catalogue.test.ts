import { afterEach, expect, it } from 'vitest';
import { getLanguage, setLanguage } from '../../../../src/app/i18n/catalogue.ts';

afterEach(() => setLanguage('en'));

it('shows the language chosen last, whichever loads first', async () => {
  // English is loaded already, the other one has to be fetched.
  await Promise.all([setLanguage('de'), setLanguage('en')]);
  expect([getLanguage(), document.documentElement.lang]).toEqual(['en', 'en']);
});
