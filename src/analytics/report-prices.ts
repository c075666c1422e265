/** The price list as a report may ask for it: also of a model that is not in use, by the very rules of the marts. Pure. */
import { statement } from '../warehouse/engine/statements.ts';

/** The body of a mart's view. */
const VIEW = /create or replace view marts\.\w+ as\n([\s\S]*?);\s*(?:comment on\b|$)/;

/** @returns the SQL that the mart's view is made of. */
export const viewBody = (mart: string): string => VIEW.exec(statement(`marts/${mart}`))?.[1] ?? '';

/** Where dim_models takes its models from. */
const SEEN = "select distinct model from main.completion_usage where model <> ''";
const ASKED = 'select $model::varchar where $model::varchar is not null';

/** @throws {Error} where the text is not there: a slip in our own code. */
function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the mart does not read ${from}`);
  return text.replaceAll(from, to);
}

/**
 * Relations of the price list with the model that `$model` names, whether or not it is in use: `models_told`, `prices_told` and
 * `cards_told` are dim_models, list_prices and price_cards with it.
 */
export const priceRelations = (): readonly string[] => [
  `models_told as (\n${replaced(viewBody('dim_models'), SEEN, `${SEEN}\nunion\n${ASKED}`)}\n)`,
  `prices_told as (\n${replaced(viewBody('list_prices'), 'marts.dim_models', 'models_told')}\n)`,
  `cards_told as (\n${replaced(viewBody('price_cards'), 'marts.list_prices', 'prices_told')}\n)`,
];
