import { afterEach, expect, it } from 'vitest';
import { getLanguage, setLanguage } from '../../../../src/app/i18n/catalogue.ts';

afterEach(() => setLanguage('en'));

it('the language that was chosen last is spoken, whichever comes first', async () => {
  // English is there at once, the other one has to be fetched.
  await Promise.all([setLanguage('de'), setLanguage('en')]);
  expect([getLanguage(), document.documentElement.lang]).toEqual(['en', 'en']);
});
