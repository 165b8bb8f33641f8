import { UploadError } from '../../page/index.ts';
import { type Catalogue, en } from './en.ts';

/** The languages of the app, each under its own name. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', ar: 'العربية' } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = 'uploader-language';
const RIGHT_TO_LEFT: readonly Language[] = ['ar'];
/**
 * English is part of the bundle. The others load when they are chosen; the worker precaches them.
 */
const LOADERS: Readonly<Record<Language, () => Promise<Catalogue>>> = {
  en: async () => en,
  de: async () => (await import('./de.ts')).de,
  ar: async () => (await import('./ar.ts')).ar,
};

/** Whose words the app uses: guests have no sign-in and no space of their own. */
type Audience = 'user' | 'guest';
type Texts = { readonly [key: string]: unknown };

const listeners = new Set<() => void>();
let current: { readonly language: Language; readonly catalogue: Catalogue } = { language: 'en', catalogue: en };
let requested: Language = 'en';
let audience: Audience = 'user';

/** The texts in the current language. */
export function strings(): Catalogue {
  return current.catalogue;
}

export function getLanguage(): Language {
  return current.language;
}

/** Chooses whose words the app uses. Call it before a language is loaded. */
export function setAudience(chosen: Audience): void {
  audience = chosen;
  current = { ...current, catalogue: chooseTexts(en) };
}

/**
 * Loads the language chosen earlier, else the first browser language that the app has; English if
 * loading fails.
 */
export async function loadPreferredLanguage(): Promise<void> {
  const tags = [localStorage.getItem(KEY) ?? '', ...navigator.languages];
  const preferred = tags.map((tag) => tag.split('-')[0] ?? '').find(isLanguage) ?? 'en';
  await load(preferred).catch(() => undefined);
}

/**
 * Changes the language for this and later visits.
 *
 * @throws UploadError `network` if its texts cannot be loaded.
 */
export async function setLanguage(language: Language): Promise<void> {
  await load(language);
  localStorage.setItem(KEY, requested);
}

/** Calls the listener after each change of language; returns a function that removes it. */
export function onLanguageChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}

async function load(language: Language): Promise<void> {
  requested = language;
  const catalogue = await LOADERS[language]().catch((cause: unknown) => {
    throw new UploadError('network', 'The server could not be reached.', { cause });
  });
  // The user chose another language while this one was loading.
  if (language !== requested) return;
  current = { language, catalogue: chooseTexts(catalogue) };
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr';
  document.title = catalogue.name;
  for (const listener of listeners) listener();
}

function chooseTexts(catalogue: Catalogue): Catalogue {
  return audience === 'guest' ? (replaceTexts(catalogue, catalogue.guest.instead) as Catalogue) : catalogue;
}

/** A copy with some texts replaced, at any depth. */
function replaceTexts(texts: Texts, others: Texts): Texts {
  const replaced = Object.entries(others).map(([key, text]) => {
    return [key, typeof text === 'object' ? replaceTexts(texts[key] as Texts, text as Texts) : text];
  });
  return { ...texts, ...Object.fromEntries(replaced) };
}
