/**
 * One text per plural form of a language; `{n}` stands for the number in the digits of that
 * language.
 */
export type PluralForms = { readonly other: string } & { readonly [Rule in Intl.LDMLPluralRule]?: string };

/**
 * Creates the function that puts a number into the plural form that the language's rules choose.
 */
export function plural(language: string, forms: PluralForms): (n: number) => string {
  const rules = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return (n) => (forms[rules.select(n)] ?? forms.other).replace('{n}', number.format(n));
}

/** Isolates a name of any direction from the direction of the sentence around it. */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`;
}
