/** What a report may take to be otherwise: the model, the tier, how much of the input is read from the cache. */
import { SettingsError } from '../errors.ts';
import { nearest } from '../spelling.ts';
import { statement } from '../warehouse/engine/statements.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import type { Report } from './report-definition.ts';
import { priceRelations } from './report-prices.ts';
import { prefixed } from './report-relations.ts';

/** null: as it was. */
export interface WhatIf {
  readonly model: string | null;
  readonly tier: string | null;
  /** 0 to 1, of the input tokens. */
  readonly cachedShare: number | null;
}

/** One of ours that asks for it; a report of a person's own does with the parameters what it likes. */
export const takesWhatIf = ({ file, parameters }: Report): boolean =>
  file === null && parameters.includes('cached_share');

/** For people and headings: `on gpt-4.1-mini, tier flex, 50 % of the input cached`; empty: nothing is otherwise. */
export const whatIfText = ({ model, tier, cachedShare }: WhatIf): string =>
  [
    ...(model === null ? [] : [`on ${model}`]),
    ...(tier === null ? [] : [`tier ${tier}`]),
    ...(cachedShare === null ? [] : [`${Math.round(cachedShare * 1_000) / 10} % of the input cached`]),
  ].join(', ');

/** @throws {SettingsError} where nothing is asked, or there are no prices of what is. */
export async function checkWhatIf(
  warehouse: Pick<WarehouseFile, 'query'>,
  whatIf: WhatIf | undefined,
): Promise<void> {
  if (whatIf === undefined || whatIfText(whatIf) === '') {
    throw new SettingsError(
      'the report what-if needs --model, --tier or --cached-share: report what-if --model gpt-4.1-mini',
    );
  }
  const { model, tier } = whatIf;
  if (model === null && tier === null) return;
  const { rows } = await warehouse.query(
    prefixed(priceRelations(), statement('reports/parts/what_if_prices')),
    { model },
  );
  const [tiers, names, allTiers] = (rows[0] ?? []).map((value) =>
    Array.isArray(value) ? value.map(String) : [],
  );
  if (model !== null && tiers?.length === 0) throw unpriced(model, names ?? []);
  const priced = (model === null ? allTiers : tiers) ?? [];
  if (tier === null || priced.includes(tier)) return;
  const meant = nearest(tier, priced);
  throw new SettingsError(
    `--tier ${tier}: no list price ${model === null ? '' : `of ${model} `}is for that tier; there is ${priced.join(', ')}` +
      `${meant === null ? '' : `; is ${meant} meant?`}`,
  );
}

function unpriced(model: string, names: readonly string[]): SettingsError {
  const meant = nearest(model, names);
  return new SettingsError(
    `--model ${model}: the price list has no price for it${meant === null || meant === model ? '' : `; is ${meant} meant?`} ` +
      '(PRICES_FILE can give it one)',
  );
}
