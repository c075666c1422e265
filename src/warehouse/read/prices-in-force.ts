/** What a token of any model costs when, as the marts reckon it: also of models that have not answered yet. */
import type { StoredPrice } from '../editions.ts';
import type { SqlRow, Statements } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';

export interface PriceInForce {
  readonly model: string;
  readonly serviceTier: string;
  readonly tokenType: string;
  /** Holds for calls of so many input tokens or more, up to the next one's. */
  readonly minInputTokens: number;
  /** yyyy-mm-dd; null: no bound. */
  readonly validFrom: string | null;
  /** Excluded. */
  readonly validTo: string | null;
  /** US dollars per million tokens; null: known to have no price. */
  readonly usdPerMtok: string | null;
  readonly source: string;
  readonly sourceVersion: string;
  /** The name that it stands under: the model's own or its alias. */
  readonly pricedAs: string;
  /** No list names it: the price of input, for caching. */
  readonly isAssumed: boolean;
}

export interface InForceRequest {
  /** null: those that a price stands under. */
  readonly models: readonly string[] | null;
  /** Of these sources only; null: of all. */
  readonly sources: readonly StoredPrice['source'][] | null;
}

let made = 0;

/**
 * The marts of models and prices over a table of names in place of the completions, in a database in memory: nothing of how a price is
 * chosen is told twice.
 *
 * @param shown database whose prices count: the file, or what it is shown with.
 */
export async function pricesInForce(
  statements: Statements,
  shown: string,
  { models, sources }: InForceRequest,
): Promise<readonly PriceInForce[]> {
  made += 1;
  const database = `price_names_${made}`;
  const run = (text: string, parameters?: { readonly names: string }) =>
    statements.run('prices/in_force', parameters, text);
  await run(`attach ':memory:' as ${database}; create schema ${database}.marts; use ${database}`);
  try {
    const ofSources =
      sources === null ? '' : ` where source in (${sources.map((source) => `'${source}'`).join(', ')})`;
    await run(`create table main.model_prices as from ${shown}.main.model_prices${ofSources}`);
    await run(
      models === null
        ? 'create table main.completion_usage as select distinct model from main.model_prices'
        : 'create table main.completion_usage as select unnest($names::json::varchar[]) as model',
      models === null ? undefined : { names: JSON.stringify(models) },
    );
    for (const mart of ['dim_models', 'list_prices']) await run(statement(`marts/${mart}`));
    return joined((await statements.rows('state/prices_in_force')).map(inForceOf));
  } finally {
    await run(`use ${shown}; detach ${database}`);
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const inForceOf = (row: SqlRow): PriceInForce => ({
  model: String(row['model']),
  serviceTier: String(row['service_tier']),
  tokenType: String(row['token_type']),
  minInputTokens: Number(row['min_input_tokens']),
  validFrom: textOrNull(row['valid_from']),
  validTo: textOrNull(row['valid_to']),
  usdPerMtok: textOrNull(row['usd_per_mtok']),
  source: String(row['source']),
  sourceVersion: String(row['source_version']),
  pricedAs: String(row['priced_as']),
  isAssumed: row['is_assumed'] === true,
});

/** The mart divides periods and sizes wherever any price of the model begins; what says the same on both sides is one row here. */
function joined(rows: readonly PriceInForce[]): readonly PriceInForce[] {
  const sameAs = (one: PriceInForce, other: PriceInForce): boolean =>
    one.usdPerMtok === other.usdPerMtok &&
    one.source === other.source &&
    one.sourceVersion === other.sourceVersion &&
    one.pricedAs === other.pricedAs &&
    one.isAssumed === other.isAssumed;
  const kindOf = (row: PriceInForce) => JSON.stringify([row.model, row.serviceTier, row.tokenType]);
  return [...Map.groupBy(rows, kindOf).values()].flatMap((kind) => {
    // Sizes of a period, the smallest first; one that costs what the size below it does needs no row.
    const sized = [...Map.groupBy(kind, ({ validFrom }) => validFrom).values()].flatMap((period) =>
      period
        .toSorted((a, b) => a.minInputTokens - b.minInputTokens)
        .filter((row, place, all) => {
          const below = all[place - 1];
          return below === undefined || !sameAs(below, row);
        }),
    );
    return [...Map.groupBy(sized, ({ minInputTokens }) => minInputTokens).values()].flatMap((size) => {
      const periods: PriceInForce[] = [];
      for (const row of size.toSorted((a, b) => (a.validFrom ?? '').localeCompare(b.validFrom ?? ''))) {
        const last = periods.at(-1);
        if (last !== undefined && last.validTo === row.validFrom && sameAs(last, row)) {
          periods[periods.length - 1] = { ...last, validTo: row.validTo };
        } else periods.push(row);
      }
      return periods;
    });
  });
}
