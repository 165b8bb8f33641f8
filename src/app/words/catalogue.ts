import { en, type Words } from './en.ts';

/** The languages there are, each by its own name. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', ar: 'العربية' } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = 'uploader-language';
const RIGHT_TO_LEFT: readonly Language[] = ['ar'];
/** English is there at once; the others are fetched when they are wanted, and by the worker beforehand. */
const LOAD: Readonly<Record<Language, () => Promise<Words>>> = {
  en: async () => en,
  de: async () => (await import('./de.ts')).de,
  ar: async () => (await import('./ar.ts')).ar,
};

const listeners = new Set<() => void>();
let spoken: { readonly language: Language; readonly words: Words } = { language: 'en', words: en };

/** The words of the language that is spoken now. */
export function words(): Words {
  return spoken.words;
}

export function language(): Language {
  return spoken.language;
}

/** Speaks the language chosen before, else the first of the browser's that is there. */
export async function speakPreferred(): Promise<void> {
  const wanted = [localStorage.getItem(KEY) ?? '', ...navigator.languages];
  await speak(wanted.map((tag) => tag.split('-')[0] ?? '').find(isLanguage) ?? 'en');
}

/** Chooses a language for this and later visits. */
export async function choose(wanted: Language): Promise<void> {
  localStorage.setItem(KEY, wanted);
  await speak(wanted);
}

/** Calls back whenever another language is spoken; returns the function that ends it. */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}

async function speak(wanted: Language): Promise<void> {
  spoken = { language: wanted, words: await LOAD[wanted]() };
  document.documentElement.lang = wanted;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(wanted) ? 'rtl' : 'ltr';
  document.title = spoken.words.name;
  for (const listener of listeners) listener();
}
