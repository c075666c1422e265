/** What an import changes of what tokens cost, beside what they cost before. Pure. */
import type { StoredPrice } from '../../warehouse/editions.ts';
import type { Price, TokenType } from '../prices.ts';

export interface PriceChange {
  readonly kind: 'new' | 'changed' | 'same';
  readonly model: string;
  readonly serviceTier: string;
  readonly tokenType: TokenType;
  readonly minInputTokens: number;
  /** yyyy-mm-dd, UTC. */
  readonly from: string;
  /** US dollars per million tokens; null: there was no price. */
  readonly before: string | null;
  /** null: the list says that there is none. */
  readonly after: string | null;
}

/**
 * Of each price on the list what held before, whatever its source, as marts.list_prices would choose it; a contract is left out, as it
 * wins over either.
 *
 * @param day from which on the list holds.
 */
export function changesOf(
  held: readonly StoredPrice[],
  incoming: readonly Price[],
  day: string,
): readonly PriceChange[] {
  const byModel = Map.groupBy(
    held.filter(({ source }) => source !== 'contract'),
    ({ model }) => model,
  );
  return incoming.flatMap((price): readonly PriceChange[] => {
    const { model, serviceTier, tokenType, minInputTokens, validFrom, validTo, usdPerMtok: after } = price;
    if (validTo !== null && validTo <= day) return [];
    const from = validFrom !== null && validFrom > day ? validFrom : day;
    const offers = offersOn(byModel, model, from).filter(
      (row) => row.service_tier === serviceTier && row.token_type === tokenType,
    );
    const before = inForce(offers, minInputTokens);
    const kind = before === after ? 'same' : before === null ? 'new' : 'changed';
    return [{ kind, model, serviceTier, tokenType, minInputTokens, from, before, after }];
  });
}

const RANK: Readonly<Record<StoredPrice['source'], number>> = {
  contract: 0,
  imported: 1,
  overlay: 2,
  'genai-prices': 3,
};

/** Rows that hold on the day: under the model's own name, and of the sources that do not know it under its name without a date. */
function offersOn(
  byModel: ReadonlyMap<string, readonly StoredPrice[]>,
  model: string,
  day: string,
): readonly StoredPrice[] {
  const holds = ({ valid_from: from, valid_to: to }: StoredPrice): boolean =>
    (from ?? '') <= day && (to === null || to > day);
  const own = byModel.get(model) ?? [];
  const alias = byModel.get(model.replace(/-\d{4}-\d{2}-\d{2}$/, '')) ?? [];
  if (own.some(({ source }) => source !== 'imported')) return own.filter(holds);
  const isImported = own.some(holds);
  return [...own, ...alias.filter(({ source }) => source !== 'imported' || !isImported)].filter(holds);
}

/** Of rows of one tier and type. Sizes of input are the affair of the first that names any. */
function inForce(rows: readonly StoredPrice[], inputTokens: number): string | null {
  const sized = new Set(
    rows.filter((row) => row.min_input_tokens > 0 || row.usd_per_mtok === null).map(({ source }) => source),
  );
  const offers = rows
    .filter((row) => row.min_input_tokens <= inputTokens)
    .toSorted((a, b) => RANK[a.source] - RANK[b.source] || b.min_input_tokens - a.min_input_tokens);
  const ofSize = offers.find(({ source }) => sized.has(source));
  const chosen = ofSize !== undefined && ofSize.min_input_tokens > 0 ? ofSize : offers[0];
  return chosen?.usd_per_mtok ?? null;
}
