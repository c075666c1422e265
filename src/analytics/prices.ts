/** What a token costs by model, tier and day: rows worked out from price data, and the checks on them. Pure. */
import type { ConditionalPrice, ModelInfo, ModelPrice, TieredPrices } from '@pydantic/genai-prices';

export const TOKEN_TYPES = [
  'input',
  'input_cached',
  'input_cache_write',
  'input_audio',
  'output',
  'output_audio',
] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** A price that holds for a period, for calls with enough input tokens. */
export interface Price {
  readonly model: string;
  readonly serviceTier: string;
  readonly tokenType: TokenType;
  /** Holds for calls of so many input tokens or more; 0: for all. */
  readonly minInputTokens: number;
  /** First UTC day it holds for, yyyy-mm-dd; null: it always did. */
  readonly validFrom: string | null;
  /** First UTC day it does not hold for any more; null: no end is known. */
  readonly validTo: string | null;
  /** US dollars per million tokens, decimal with at most six places; null: known to have no price. */
  readonly usdPerMtok: string | null;
  readonly note: string;
}

/** A tier that costs the default tier's prices times a factor, for a model that was looked up and found so. */
export interface TierFactor {
  readonly model: string;
  readonly serviceTier: string;
  readonly factor: number;
  readonly note: string;
}

/** The package's keys of what is counted in tokens here. */
const PRICE_KEYS = {
  input: 'input_mtok',
  input_cached: 'cache_read_mtok',
  input_cache_write: 'cache_write_mtok',
  input_audio: 'input_audio_mtok',
  output: 'output_mtok',
  output_audio: 'output_audio_mtok',
} as const satisfies Record<TokenType, string>;

/**
 * OpenAI charges long contexts for prompts of more than 272K tokens; the package begins a token early for the models before GPT-6
 * Sol, whose page says the same. @see pydantic/genai-prices #711.
 */
const EARLY_STARTS: ReadonlyMap<number, number> = new Map([[271_999, 272_000]]);

/** Open weights: OpenAI sells no calls of them, the figures are another host's. */
const NOT_SOLD = /^gpt-oss-/;

/**
 * The default tier's prices of a provider, as `@pydantic/genai-prices` has them, by every exact name it lists. Names it
 * matches by how they begin are not guessed at; a dated name is found by its alias when it is looked up.
 */
export function expandModels(models: readonly ModelInfo[]): readonly Price[] {
  const seen = new Set<string>();
  return models
    .filter(({ id }) => !NOT_SOLD.test(id))
    .flatMap((model) =>
      namesOf(model)
        // The first model that lists a name has it, as in the package.
        .filter((name) => !seen.has(name) && seen.add(name))
        .flatMap((name) => pricesOf(name, model)),
    );
}

/** The exact names in its rule, and its own id; `ft:…-` is an id for how names begin, `ft:…` what dim_models looks up. */
function namesOf({ id, match }: ModelInfo): readonly string[] {
  const rules = 'or' in match ? match.or : [match];
  const exact = rules.flatMap((rule) => ('equals' in rule ? [rule.equals] : []));
  return [...new Set([id.replace(/-$/, ''), ...exact])];
}

function pricesOf(name: string, { prices }: ModelInfo): readonly Price[] {
  return periodsOf(prices).flatMap(({ validFrom, validTo, prices: card }) =>
    TOKEN_TYPES.flatMap((tokenType) =>
      stepsOf(card, tokenType).map(
        ({ minInputTokens, usd }): Price => ({
          model: name,
          serviceTier: 'default',
          tokenType,
          minInputTokens,
          validFrom,
          validTo,
          usdPerMtok: decimal(usd),
          note: '',
        }),
      ),
    ),
  );
}

interface Period {
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly prices: ModelPrice;
}

/** Its history, oldest first: each price holds until the next one's start. Prices by the time of day are left out. */
function periodsOf(prices: ModelInfo['prices']): readonly Period[] {
  if (!Array.isArray(prices)) return [{ validFrom: null, validTo: null, prices }];
  if (prices.some(({ constraint }) => constraint?.type === 'time_of_date')) return [];
  const dated = prices
    .map((price: ConditionalPrice) => ({ from: startOf(price), prices: price.prices }))
    .toSorted((a, b) => (a.from ?? '').localeCompare(b.from ?? ''));
  return dated.flatMap(({ from, prices: card }, place) => {
    const next = dated[place + 1];
    // Of two with one start the later listed one holds.
    if (next !== undefined && next.from === from) return [];
    return [{ validFrom: from, validTo: next?.from ?? null, prices: card }];
  });
}

const startOf = ({ constraint }: ConditionalPrice): string | null =>
  constraint?.type === 'start_date' ? constraint.start_date : null;

interface Step {
  readonly minInputTokens: number;
  readonly usd: number;
}

/** None where the card is silent: what that is taken to cost is said, and marked, by `marts.list_prices`. */
function stepsOf(card: ModelPrice, tokenType: TokenType): readonly Step[] {
  const price = card[PRICE_KEYS[tokenType]];
  return price === undefined ? [] : tieredSteps(price);
}

function tieredSteps(price: number | TieredPrices): readonly Step[] {
  if (typeof price === 'number') return [{ minInputTokens: 0, usd: price }];
  return [
    { minInputTokens: 0, usd: price.base },
    // The package's tier begins above its start.
    ...price.tiers.map(({ start, price: usd }) => ({
      minInputTokens: (EARLY_STARTS.get(start) ?? start) + 1,
      usd,
    })),
  ];
}

/** What tiers with a factor cost, worked out from the default tier's prices of the same names. */
export function applyFactors(prices: readonly Price[], factors: readonly TierFactor[]): readonly Price[] {
  return factors.flatMap(({ model, serviceTier, factor, note }) =>
    prices
      .filter(
        (price) => price.model === model && price.serviceTier === 'default' && price.usdPerMtok !== null,
      )
      .map((price) => ({
        ...price,
        serviceTier,
        usdPerMtok: decimal(Number(price.usdPerMtok) * factor),
        note: `derived: ${factor} x default; ${note}`,
      })),
  );
}

/** Six decimals at the most, as the warehouse keeps it. */
const decimal = (usd: number): string => usd.toFixed(6).replace(/\.?0+$/, '');

/** Two prices that would hold for the same call; null: none do. */
export function findOverlap<T extends Price>(prices: readonly T[]): readonly [T, T] | null {
  const byKey = Map.groupBy(prices, (price) =>
    JSON.stringify([price.model, price.serviceTier, price.tokenType, price.minInputTokens]),
  );
  for (const alike of byKey.values()) {
    const ordered = alike.toSorted((a, b) => (a.validFrom ?? '').localeCompare(b.validFrom ?? ''));
    for (const [place, price] of ordered.entries()) {
      const next = ordered[place + 1];
      // Days as yyyy-mm-dd sort as text; an open end reaches over all that follow.
      if (next !== undefined && (price.validTo === null || price.validTo > (next.validFrom ?? ''))) {
        return [price, next];
      }
    }
  }
  return null;
}
