/** Names of other programs that are close to one of the server. */
const OTHERS = ['HOSTNAME', 'POST', 'SORT', 'HOME'];

/** Warns about variables whose names differ from known ones by a typing error. */
export function findMisspelled(given: readonly string[], known: readonly string[]): string[] {
  return given.flatMap((name) => {
    if (known.includes(name) || OTHERS.includes(name)) return [];
    const meant = known.find((other) => isMisspelled(name.toUpperCase(), other));
    return meant === undefined ? [] : [`${name} has no effect. Did you mean ${meant}?`];
  });
}

function isMisspelled(name: string, known: string): boolean {
  const allowed = Math.ceil(known.length / 5);
  return Math.abs(name.length - known.length) <= allowed && countEdits(name, known) <= allowed;
}

/** The Levenshtein distance. */
function countEdits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
