/** A price list as it was read, whoever makes it, and what of it was left out. Pure. */
import { PriceFileError } from '../price-files.ts';
import type { Price } from '../prices.ts';

export type ListKind = 'litellm' | 'genai-prices' | 'models.dev' | 'csv';

/** Why something of a list is left out. */
export const SKIP_REASONS = {
  other_provider: 'models of other providers',
  no_chat: 'models that answer no chat completions (embeddings, images, speech)',
  variant: 'variants that no completion names (a region or a size before the name)',
  odd_name: 'names that no model can have',
  batch: 'batch prices: a stored completion does not say that it was part of a batch',
  fee: 'fees per call, hour or image: they are not of tokens',
  kept_longer: 'prices of caches that are kept longer: a stored completion does not say how long',
  uplift: 'regional uplifts: a stored completion does not say its region',
  not_told_apart: 'prices of tokens that a completion does not tell apart (image, reasoning, cached audio)',
  by_time: 'prices by the time of day',
  zero: 'prices of 0, which lists write for what they do not know',
  not_a_price: 'values that are no price',
  unknown_key: 'prices under unknown names',
} as const;
export type SkipReason = keyof typeof SKIP_REASONS;

/** Of whole models; the others are of prices. */
const OF_MODELS: ReadonlySet<SkipReason> = new Set(['other_provider', 'no_chat', 'variant', 'odd_name']);

export interface Skip {
  readonly reason: SkipReason;
  readonly what: 'models' | 'prices';
  readonly count: number;
  /** Some of the names, for `unknown_key` and `not_a_price`. */
  readonly names: readonly string[];
}

export interface ParsedList {
  readonly kind: ListKind;
  readonly prices: readonly Price[];
  readonly skipped: readonly Skip[];
}

const NAMES_MAX = 5;
const NAMED: ReadonlySet<SkipReason> = new Set(['unknown_key', 'not_a_price']);

/** Counts what is left out. */
export class Skips {
  readonly #found = new Map<SkipReason, { count: number; names: Set<string> }>();

  add(reason: SkipReason, name: string): void {
    const found = this.#found.get(reason) ?? { count: 0, names: new Set() };
    found.count += 1;
    if (NAMED.has(reason) && found.names.size < NAMES_MAX && /^[\w.:-]{1,100}$/.test(name)) {
      found.names.add(name);
    }
    this.#found.set(reason, found);
  }

  list(): readonly Skip[] {
    const reasons = Object.keys(SKIP_REASONS) as readonly SkipReason[];
    return reasons.flatMap((reason) => {
      const found = this.#found.get(reason);
      if (found === undefined) return [];
      const what = OF_MODELS.has(reason) ? 'models' : 'prices';
      return [{ reason, what, count: found.count, names: [...found.names] } as const];
    });
  }
}

const USD_MAX = 1_000_000_000;

/** Decimal text with at most six places, as the warehouse keeps it; null, and counted, for what is no price. */
export function usdOf(usdPerMtok: unknown, name: string, skips: Skips): string | null {
  if (typeof usdPerMtok !== 'number' || !(usdPerMtok >= 0 && usdPerMtok < USD_MAX)) {
    skips.add('not_a_price', name);
    return null;
  }
  const text = usdPerMtok.toFixed(6).replace(/\.?0+$/, '');
  if (text !== '0') return text;
  skips.add('zero', name);
  return null;
}

/** Whether our own CSV could name it: `|` parts names there, # begins a comment. */
export const isModelName = (name: string): boolean =>
  /^[^\s|#"'\p{C}][^|"\p{C}]{0,199}$/u.test(name) && name === name.trim();

const PRICES_MAX = 100_000;

/** @throws {PriceFileError} for a list without any price of the provider, or with more than there can be. */
export function parsedList(
  kind: ListKind,
  provider: string,
  prices: readonly Price[],
  skips: Skips,
): ParsedList {
  if (prices.length === 0) {
    throw new PriceFileError(`holds no price of ${provider}'s chat models (it looks like a list of ${kind})`);
  }
  if (prices.length > PRICES_MAX) throw new PriceFileError(`holds more than ${PRICES_MAX} prices`);
  return { kind, prices, skipped: skips.list() };
}
