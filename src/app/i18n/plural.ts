/** A sentence for each plural form of a language; `{n}` stands for the number, written as that language writes it. */
export type PluralForms = { readonly other: string } & { readonly [Rule in Intl.LDMLPluralRule]?: string };

/** Makes the function that says how many: the form is the language's own choice, never "(s)". */
export function plural(language: string, forms: PluralForms): (n: number) => string {
  const rules = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return (n) => (forms[rules.select(n)] ?? forms.other).replace('{n}', number.format(n));
}

/** A name of whatever direction inside a sentence of another. */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`;
}
