/** The shares of each day, week or month, of all groups together. Pure. */
import type { DashboardData } from './data.ts';
import { addedTokens, cacheHitRate, reasoningShare, type Sums } from './sums.ts';

export interface TimedShares {
  readonly startsOn: string;
  readonly cacheHitRate: number | null;
  readonly reasoningShare: number | null;
}

export function sharesOf({ overTime }: Pick<DashboardData, 'overTime'>): readonly TimedShares[] {
  const times = [...new Set(overTime.map(({ startsOn }) => startsOn))];
  return times.map((startsOn) => {
    const sums = overTime.filter((one) => one.startsOn === startsOn).map((one) => one.sums);
    const added = { ...EMPTY, ...addedTokens(sums) };
    return { startsOn, cacheHitRate: cacheHitRate(added), reasoningShare: reasoningShare(added) };
  });
}

const EMPTY: Sums = {
  completions: 0n,
  inputTokens: null,
  inputCachedTokens: null,
  inputTokensOfKnownCache: null,
  outputTokens: null,
  outputReasoningTokens: null,
  outputTokensOfKnownReasoning: null,
  totalTokens: null,
  pricedTokens: null,
  listCostUsd: null,
  assumedCostUsd: null,
};
