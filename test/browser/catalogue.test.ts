import { afterEach, expect, it } from 'vitest';
import { choose, language } from '../../src/app/words/catalogue.ts';

afterEach(() => choose('en'));

it('the language that was chosen last is spoken, whichever comes first', async () => {
  // English is there at once, the other one has to be fetched.
  await Promise.all([choose('de'), choose('en')]);
  expect([language(), document.documentElement.lang]).toEqual(['en', 'en']);
});
