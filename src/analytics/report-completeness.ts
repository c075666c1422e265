/** Where the data begins and ends, how complete a period of it is, and how much of it a report can tell of. */
import { statement } from '../warehouse/engine/statements.ts';
import type { Bounds } from './report-period.ts';
import { objects, type Reader } from './report-query.ts';
import { prefixed, sourcesSql, withRelations } from './report-relations.ts';
import type { Choice } from './report-where.ts';

/**
 * How complete a period is, and the whole that the rows of its reports are part of: of what `--where` chooses. Coverage and what is
 * missing are of the sources, whatever is chosen of them.
 */
export interface Completeness {
  /** When the last run began, ISO in UTC; null: there was none. */
  readonly asOf: string | null;
  /** Up to where the last sync had settled. */
  readonly settledUntil: string | null;
  /** Seconds of the period proven to be read, of those that have settled: 0 to 1; null: none have, or there is no source. */
  readonly coveredShare: number | null;
  readonly daysWithGaps: number;
  /** An estimate; null: nothing is known of any. */
  readonly rowsMissingEstimate: number | null;
  readonly completions: number;
  readonly completionsWithoutUsage: number;
  readonly totalTokens: number | null;
  /** Share of the tokens that has a price, 0 to 1; null without tokens. */
  readonly pricedTokenShare: number | null;
  /** US dollars, exact; null: nothing has a price. */
  readonly listCostUsd: string | null;
  /** Part of it that rests on assumed prices, US dollars, exact. */
  readonly assumedCostUsd: string;
}

/** Of a report that can only tell of calls whose messages are held with their text: how many those are. */
export interface LookedAt {
  readonly completions: number;
  readonly ofCompletions: number;
}

export interface AskedDays {
  readonly since: string;
  readonly until: string;
  readonly source: string | null;
}

export async function readBounds(warehouse: Reader): Promise<Bounds> {
  const [row] = await objects(warehouse, statement('reports/parts/bounds'));
  const text = (name: string): string | null => {
    const value = row?.[name] ?? null;
    return value === null ? null : String(value);
  };
  return {
    asOf: text('as_of'),
    settledUntil: text('settled_until'),
    openFrom: text('open_from'),
    completeFrom: text('complete_from'),
    asOfDate: text('as_of_date'),
  };
}

export async function readCompleteness(
  warehouse: Reader,
  bounds: Bounds,
  asked: AskedDays,
  where: readonly Choice[],
): Promise<Completeness> {
  const sources = sourcesSql(where);
  const whole = withRelations(statement('reports/parts/completeness'), { groups: [], where });
  const [row] = await objects(warehouse, prefixed([sources.sql], whole.sql), {
    ...sources.parameters,
    ...whole.parameters,
    ...asked,
    from: asked.since,
    to: asked.until,
  });
  const number = (name: string): number | null => {
    const value = row?.[name] ?? null;
    return value === null ? null : Number(value);
  };
  const cost = row?.['list_cost_usd'] ?? null;
  return {
    asOf: bounds.asOf,
    settledUntil: bounds.settledUntil,
    coveredShare: number('covered_share'),
    daysWithGaps: number('days_with_gaps') ?? 0,
    rowsMissingEstimate: number('rows_missing_estimate'),
    completions: number('completions') ?? 0,
    completionsWithoutUsage: number('completions_without_usage') ?? 0,
    totalTokens: number('total_tokens'),
    pricedTokenShare: number('priced_token_share'),
    listCostUsd: cost === null ? null : String(cost),
    assumedCostUsd: String(row?.['assumed_cost_usd'] ?? 0),
  };
}

export async function readLookedAt(
  warehouse: Reader,
  asked: AskedDays,
  where: readonly Choice[],
): Promise<LookedAt> {
  const { sql, parameters } = withRelations(statement('reports/parts/prompts_looked_at'), {
    groups: [],
    where,
  });
  const days = { from: asked.since, to: asked.until };
  const [row] = await objects(warehouse, sql, { ...parameters, ...asked, ...days });
  return {
    completions: Number(row?.['looked_at'] ?? 0),
    ofCompletions: Number(row?.['completions'] ?? 0),
  };
}
