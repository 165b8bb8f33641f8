import { afterEach, expect, it } from 'vitest';
import { language, setLanguage } from '../../../../src/app/i18n/catalogue.ts';

afterEach(() => setLanguage('en'));

it('the language that was chosen last is spoken, whichever comes first', async () => {
  // English is there at once, the other one has to be fetched.
  await Promise.all([setLanguage('de'), setLanguage('en')]);
  expect([language(), document.documentElement.lang]).toEqual(['en', 'en']);
});
