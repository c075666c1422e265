/** Results that are kept as long as what they were made of stays the same. */

export interface Kept<T> {
  /** @param version another one forgets all that was kept. Those who ask for one thing at once share its making. */
  get(version: string, key: string, make: () => Promise<T>): Promise<T>;
}

/** @param entriesMax the longest unused is forgotten for the next. What fails is not kept. */
export function keepLatest<T>(entriesMax: number): Kept<T> {
  const entries = new Map<string, Promise<T>>();
  let current: string | null = null;
  return {
    get(version, key, make) {
      if (version !== current) entries.clear();
      current = version;
      const known = entries.get(key);
      if (known !== undefined) {
        entries.delete(key);
        entries.set(key, known);
        return known;
      }
      const made = make();
      entries.set(key, made);
      made.catch(() => {
        if (entries.get(key) === made) entries.delete(key);
      });
      const [oldest] = entries.keys();
      if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
      return made;
    },
  };
}
