/** The word that is probably meant. */

/** Letters to insert, delete or replace to get from one word to the other (Levenshtein). */
export function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The nearest of the known words, one that begins or ends with it included; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const near = known
    .map((candidate) => ({ candidate, letters: distance(word, candidate) }))
    .sort((a, b) => a.letters - b.letters)[0];
  const within = known.find((candidate) => word.length >= 3 && candidate.includes(word));
  if (near !== undefined && near.letters <= Math.min(word.length - 1, Math.max(2, word.length / 3)))
    return near.candidate;
  return within ?? null;
}
