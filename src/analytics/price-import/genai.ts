/** The data of genai-prices: `prices/data.json` of pydantic/genai-prices, and its other editions. Pure. */
import type { ModelInfo } from '@pydantic/genai-prices';
import { z } from 'zod';
import { expandModels } from '../prices.ts';
import { isModelName, type ParsedList, parsedList, Skips } from './parsed-list.ts';

const start = z.looseObject({ start_date: z.iso.date() }).transform(({ start_date }) => ({
  type: 'start_date' as const,
  start_date,
}));
const time = z
  .looseObject({ start_time: z.string(), end_time: z.string() })
  .transform(({ start_time, end_time }) => ({
    type: 'time_of_date' as const,
    start_time,
    end_time,
  }));

const usd = z.number().min(0).max(999_999_999);
const price = z.union([
  usd,
  z.looseObject({ base: usd, tiers: z.array(z.looseObject({ start: z.int().min(0), price: usd })) }),
]);
const card = z.record(z.string(), price);
const model = z.looseObject({
  id: z.string(),
  match: z.looseObject({ or: z.array(z.looseObject({})).optional() }),
  prices: z.union([
    z.array(z.looseObject({ constraint: z.union([start, time]).nullish(), prices: card })),
    card,
  ]),
});

export interface GenaiProvider {
  readonly id: string;
  readonly models: readonly unknown[];
}

const isProvider = (value: unknown): value is GenaiProvider =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  'models' in value &&
  Array.isArray(value.models);

/** The providers of the file, in a list or within an object; null: it is another file. */
export function genaiProviders(file: unknown): readonly GenaiProvider[] | null {
  const list = typeof file === 'object' && file !== null && 'providers' in file ? file.providers : file;
  return Array.isArray(list) && list.length > 0 && list.every(isProvider) ? list : null;
}

/** The keys that `expandModels` reads. */
const KEYS: ReadonlySet<string> = new Set([
  'input_mtok',
  'cache_read_mtok',
  'cache_write_mtok',
  'input_audio_mtok',
  'output_mtok',
  'output_audio_mtok',
]);

/** @throws {PriceFileError} as {@link parsedList}. */
export function readGenai(providers: readonly GenaiProvider[], provider: string): ParsedList {
  const skips = new Skips();
  for (const { id, models } of providers) {
    if (id !== provider) for (const _ of models) skips.add('other_provider', id);
  }
  const models = providers.filter(({ id }) => id === provider).flatMap((one) => one.models);
  const infos = models.flatMap((found): readonly ModelInfo[] => {
    const parsed = model.safeParse(found);
    if (!parsed.success) {
      skips.add('not_a_price', nameOf(found));
      return [];
    }
    count(parsed.data.prices, skips);
    // What matters of the package's type is checked.
    return [parsed.data as unknown as ModelInfo];
  });
  const prices = expandModels(infos)
    // Not what the list is silent on.
    .filter(({ note }) => note === '')
    .filter(({ model: name }) => {
      if (!isModelName(name)) skips.add('odd_name', name);
      return isModelName(name);
    })
    .filter(({ usdPerMtok, model: name }) => {
      if (usdPerMtok === '0') skips.add('zero', name);
      return usdPerMtok !== '0';
    });
  return parsedList('genai-prices', provider, prices, skips);
}

const nameOf = (found: unknown): string =>
  typeof found === 'object' && found !== null && 'id' in found ? String(found.id) : '';

function count(prices: z.infer<typeof model>['prices'], skips: Skips): void {
  const cards = Array.isArray(prices) ? prices : [{ prices }];
  for (const one of cards) {
    const constraint = 'constraint' in one ? one.constraint : null;
    const isByTime = constraint?.type === 'time_of_date';
    for (const key of Object.keys(one.prices as object)) {
      if (isByTime) skips.add('by_time', key);
      else if (KEYS.has(key)) continue;
      else if (/_(?:kcount|hours)$/.test(key)) skips.add('fee', key);
      else if (/_(?:5m|1h)_mtok$/.test(key)) skips.add('kept_longer', key);
      else skips.add(/image|video|audio|text/.test(key) ? 'not_told_apart' : 'unknown_key', key);
    }
  }
}
