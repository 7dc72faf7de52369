/** The name that is fewest letters away, if they are a few only: what was probably meant by one that is misspelt. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.min(3, Math.floor(name.length / 3)));
  let best: { readonly name: string; readonly letters: number } | undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > most) continue;
    const letters = lettersBetween(name, candidate);
    if (letters <= most && letters < (best?.letters ?? Infinity)) best = { name: candidate, letters };
  }
  return best?.name;
}

/** Levenshtein's distance: letters to add, remove or exchange. Plain loops, since a synthesis measures some thousand pairs. */
function lettersBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let index = 0; index < a.length; index++) {
    const next = [index + 1];
    for (let position = 0; position < b.length; position++) {
      const changed = row[position]! + (a[index] === b[position] ? 0 : 1);
      next.push(Math.min(row[position + 1]! + 1, next[position]! + 1, changed));
    }
    row = next;
  }
  return row[b.length]!;
}
