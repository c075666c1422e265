/** `tokenhouse prices list`. */
import { EXIT, SettingsError, TerminalError } from '../../errors.ts';
import { listStoredPrices } from '../../warehouse/imported-prices.ts';
import type { PriceInForce } from '../../warehouse/read/prices-in-force.ts';
import type { WarehouseFile } from '../../warehouse/warehouse-file.ts';
import type { CommandContext } from '../context.ts';
import { ageNote, openForQuestions, type QuestionOptions } from '../open-published.ts';
import { csvStyle } from '../options.ts';
import { write, writeCsv, writeJson } from '../output.ts';
import { grouped } from '../progress.ts';
import { renderFitted } from '../table.ts';

export const PRICE_SOURCES = ['contract', 'imported', 'overlay', 'genai-prices'] as const;

export interface ListOptions extends QuestionOptions {
  readonly source?: readonly (typeof PRICE_SOURCES)[number][];
  readonly csv?: boolean;
  readonly rawCsv?: boolean;
}

/** @param model null: all that a price stands under. */
export async function listPrices(
  context: CommandContext,
  model: string | null,
  options: ListOptions,
): Promise<number> {
  if (options.rawCsv === true && options.csv !== true)
    throw new SettingsError('--raw-csv needs --csv beside it');
  const questioned = await openForQuestions(context, options);
  await using warehouse = questioned.warehouse;
  const found = await pricesOf(warehouse, model, options.source ?? null);
  if (found.length === 0) {
    const what = model === null ? 'no price is held' : `no list that is held has a price of ${model}`;
    throw new TerminalError(`${what}: \`tokenhouse prices import\` takes one from another list`);
  }
  await tell(context, found, options);
  const note = ageNote(questioned);
  if (note !== null) context.note(note);
  return EXIT.landed;
}

/** Of the model itself, under its alias too; else of the names that have this in them. */
async function pricesOf(
  warehouse: WarehouseFile,
  model: string | null,
  sources: ListOptions['source'] | null,
): Promise<readonly PriceInForce[]> {
  const ask = (models: readonly string[] | null) =>
    warehouse.pricesInForce({ models, sources: sources ?? null });
  if (model === null) return await ask(null);
  const exact = await ask([model]);
  if (exact.length > 0) return exact;
  const names = new Set((await listStoredPrices(warehouse)).map((row) => row.model));
  const alike = [...names].filter((name) => name.includes(model));
  return alike.length === 0 ? [] : await ask(alike);
}

export const priceObject = (price: PriceInForce) => ({
  model: price.model,
  service_tier: price.serviceTier,
  token_type: price.tokenType,
  min_input_tokens: price.minInputTokens,
  valid_from: price.validFrom,
  valid_to: price.validTo,
  // Decimal text, to the digit.
  usd_per_mtok: price.usdPerMtok,
  source: price.source,
  source_version: price.sourceVersion,
  priced_as: price.pricedAs,
  is_assumed: price.isAssumed,
});

async function tell(
  context: CommandContext,
  found: readonly PriceInForce[],
  { csv, rawCsv }: ListOptions,
): Promise<void> {
  const objects = found.map(priceObject);
  if (context.json) {
    await writeJson(context.stdout, objects);
    return;
  }
  if (csv === true) {
    const columns = Object.keys(objects[0] ?? {});
    await writeCsv(context.stdout, columns, objects, csvStyle({ rawCsv: rawCsv === true }));
    return;
  }
  const hasAlias = found.some(({ model, pricedAs }) => model !== pricedAs);
  const columns = [
    { key: 'model' },
    { key: 'service_tier', title: 'tier' },
    { key: 'token_type', title: 'tokens' },
    {
      key: 'size',
      title: 'from input tokens',
      align: 'right',
      isMinor: objects.every((one) => one.min_input_tokens === 0),
    },
    { key: 'usd', title: 'US$ per million', align: 'right' },
    { key: 'valid_from', title: 'from', isMinor: objects.every((one) => one.valid_from === null) },
    { key: 'valid_to', title: 'until', isMinor: objects.every((one) => one.valid_to === null) },
    { key: 'whose', title: 'source' },
    ...(hasAlias ? [{ key: 'priced_as', title: 'price of' }] : []),
  ] as const;
  const rows = objects.map((one) => ({
    ...one,
    size: one.min_input_tokens === 0 ? '' : grouped(one.min_input_tokens),
    usd: one.usd_per_mtok ?? 'no price',
    whose: one.is_assumed ? 'assumed, as input' : `${one.source} ${one.source_version}`,
  }));
  await write(
    context.stdout,
    renderFitted(columns, rows, {
      lines: context.isTty,
      color: context.color,
      width: context.columns,
    }),
  );
}
