/** Prices that are imported, put to those that were imported before: dated, so that no day before changes. Pure. */
import type { Price } from '../prices.ts';

/** A price that was imported, with the list and the day of its import. */
export interface ImportedPrice extends Price {
  readonly sourceVersion: string;
}

export interface Merge {
  /** All imported prices from now on. */
  readonly prices: readonly ImportedPrice[];
  /** Rows of them that were not there. */
  readonly added: number;
  /** Rows that held from the day on and hold no longer, or end on it. */
  readonly ended: number;
  /** Prices that hold from the day on and are not on the list: they stay. */
  readonly kept: number;
}

/**
 * What the list says holds from the day on, in place of what was imported for the same model, tier and type of token. Of days before
 * it nothing changes; what says the same stays as it is, and so does what the list does not name.
 *
 * @param day yyyy-mm-dd, UTC.
 */
export function mergeImport(
  held: readonly ImportedPrice[],
  incoming: readonly Price[],
  { day, sourceVersion }: { readonly day: string; readonly sourceVersion: string },
): Merge {
  const newer = incoming.flatMap((price) => fromDayOn(price, day));
  const named = new Set(newer.map(kindOf));
  const heldByStep = Map.groupBy(held, stepOf);
  const newByStep = Map.groupBy(newer, stepOf);
  const prices: ImportedPrice[] = [];
  let [added, ended, kept] = [0, 0, 0];
  for (const step of new Set([...heldByStep.keys(), ...newByStep.keys()])) {
    const former = heldByStep.get(step) ?? [];
    const listed = newByStep.get(step) ?? [];
    const holding = former.flatMap((price) => fromDayOn(price, day));
    const isNamed = listed.length > 0 || former.some((price) => named.has(kindOf(price)));
    if (!isNamed) kept += holding.length;
    if (!isNamed || timeline(holding) === timeline(listed)) {
      prices.push(...former);
      continue;
    }
    prices.push(...former.flatMap((price) => beforeDay(price, day)));
    prices.push(...listed.map((price) => ({ ...price, sourceVersion })));
    added += listed.length;
    ended += holding.length;
  }
  return { prices, added, ended, kept };
}

/** Imported prices without what they say of the day and of those after it; null: without any. */
export const endImported = (held: readonly ImportedPrice[], day: string | null): readonly ImportedPrice[] =>
  day === null ? [] : held.flatMap((price) => beforeDay(price, day));

/** What is priced, whatever the size of the input: a list that names it says all its sizes. */
const kindOf = ({ model, serviceTier, tokenType }: Price): string =>
  JSON.stringify([model, serviceTier, tokenType]);
const stepOf = (price: Price): string => JSON.stringify([kindOf(price), price.minInputTokens]);

/** Days as yyyy-mm-dd sort as text. */
function fromDayOn<T extends Price>(price: T, day: string): readonly T[] {
  if (price.validTo !== null && price.validTo <= day) return [];
  return [(price.validFrom ?? '') >= day ? price : { ...price, validFrom: day }];
}

function beforeDay<T extends Price>(price: T, day: string): readonly T[] {
  if ((price.validFrom ?? '') >= day) return [];
  return [price.validTo !== null && price.validTo <= day ? price : { ...price, validTo: day }];
}

/** What it costs when: periods that say the same after one another are one. */
function timeline(prices: readonly Price[]): string {
  const ordered = prices.toSorted((a, b) => (a.validFrom ?? '').localeCompare(b.validFrom ?? ''));
  const periods: { from: string | null; to: string | null; usd: string | null }[] = [];
  for (const { validFrom: from, validTo: to, usdPerMtok: usd } of ordered) {
    const last = periods.at(-1);
    if (last !== undefined && last.to === from && last.usd === usd) last.to = to;
    else periods.push({ from, to, usd });
  }
  return JSON.stringify(periods);
}
