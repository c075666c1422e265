/** Sums of usage and the ratios made of them: always sum over sum. Pure. */

export interface Sums {
  readonly completions: bigint;
  readonly inputTokens: bigint | null;
  readonly inputCachedTokens: bigint | null;
  /** Those of `inputTokens` whose completions tell their cached tokens. */
  readonly inputTokensOfKnownCache: bigint | null;
  readonly outputTokens: bigint | null;
  readonly outputReasoningTokens: bigint | null;
  /** Those of `outputTokens` whose completions tell their reasoning tokens. */
  readonly outputTokensOfKnownReasoning: bigint | null;
  readonly totalTokens: bigint | null;
  readonly pricedTokens: bigint | null;
  /** US dollars, exact decimal text; null: nothing has a price. */
  readonly listCostUsd: string | null;
  /** Part of it that rests on assumed prices, US dollars, exact decimal text; null: not told of these sums. */
  readonly assumedCostUsd: string | null;
}

/** null without a whole, or where the part is not known. */
function ratio(part: bigint | null, whole: bigint | null): number | null {
  return part === null || whole === null || whole === 0n ? null : Number(part) / Number(whole);
}

export const cacheHitRate = (sums: Sums): number | null =>
  ratio(sums.inputCachedTokens, sums.inputTokensOfKnownCache);

export const reasoningShare = (sums: Sums): number | null =>
  ratio(sums.outputReasoningTokens, sums.outputTokensOfKnownReasoning);

/** How much of the usage the list cost stands for. */
export const pricedShare = (sums: Sums): number | null => ratio(sums.pricedTokens, sums.totalTokens);

export const shareOf = (part: bigint | null, whole: bigint | null): number | null => ratio(part, whole);

/** For pictures only: money is exact in SQL. */
export const dollars = (text: string | null): number | null => (text === null ? null : Number(text));

const TOKEN_SUMS = [
  'inputTokens',
  'inputCachedTokens',
  'inputTokensOfKnownCache',
  'outputTokens',
  'outputReasoningTokens',
  'outputTokensOfKnownReasoning',
] as const;

/** Token counts added up; a null is no known count, and null is the sum of nothing known. */
export function addedTokens(all: readonly Sums[]): Pick<Sums, (typeof TOKEN_SUMS)[number]> {
  const sum = (name: (typeof TOKEN_SUMS)[number]): bigint | null =>
    all.reduce<bigint | null>((done, one) => (one[name] === null ? done : (done ?? 0n) + one[name]), null);
  return {
    inputTokens: sum('inputTokens'),
    inputCachedTokens: sum('inputCachedTokens'),
    inputTokensOfKnownCache: sum('inputTokensOfKnownCache'),
    outputTokens: sum('outputTokens'),
    outputReasoningTokens: sum('outputReasoningTokens'),
    outputTokensOfKnownReasoning: sum('outputTokensOfKnownReasoning'),
  };
}
