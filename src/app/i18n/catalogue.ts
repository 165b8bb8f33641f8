import { UploadError } from '../../page/index.ts';
import { type Catalogue, en } from './en.ts';

/** The languages there are, each by its own name. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', ar: 'العربية' } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = 'uploader-language';
const RIGHT_TO_LEFT: readonly Language[] = ['ar'];
/** English is there at once; the others are fetched when they are wanted, and by the worker beforehand. */
const LOAD: Readonly<Record<Language, () => Promise<Catalogue>>> = {
  en: async () => en,
  de: async () => (await import('./de.ts')).de,
  ar: async () => (await import('./ar.ts')).ar,
};

const listeners = new Set<() => void>();
let spoken: { readonly language: Language; readonly words: Catalogue } = { language: 'en', words: en };
let wanted: Language = 'en';

/** The words of the language that is spoken now. */
export function strings(): Catalogue {
  return spoken.words;
}

export function language(): Language {
  return spoken.language;
}

/** Speaks the language chosen before, else the first of the browser's that is there; English where that cannot be fetched. */
export async function loadPreferredLanguage(): Promise<void> {
  const tags = [localStorage.getItem(KEY) ?? '', ...navigator.languages];
  const preferred = tags.map((tag) => tag.split('-')[0] ?? '').find(isLanguage) ?? 'en';
  await speak(preferred).catch(() => undefined);
}

/**
 * Chooses a language for this and later visits.
 *
 * @throws UploadError `network` when it cannot be fetched.
 */
export async function setLanguage(language: Language): Promise<void> {
  await speak(language);
  localStorage.setItem(KEY, wanted);
}

/** Calls back whenever another language is spoken; returns the function that ends it. */
export function onLanguageChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}

async function speak(language: Language): Promise<void> {
  wanted = language;
  const words = await LOAD[language]().catch((cause: unknown) => {
    throw new UploadError('network', 'The server could not be reached.', { cause });
  });
  // Another one was chosen while this one was fetched.
  if (language !== wanted) return;
  spoken = { language, words };
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr';
  document.title = spoken.words.name;
  for (const listener of listeners) listener();
}
