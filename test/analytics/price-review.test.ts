/**
 * The prices in force of every OpenAI chat model and tier, as reviewed: what the pinned package, the overlay and the factors come to.
 * A price that changes (a new version of the package, a row of ours) is a line of difference here. Looked up and found right, it is
 * taken over by `npx vitest run test/analytics/price-review.test.ts -u`.
 */
import { expect, test } from 'vitest';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { TOKEN_TYPES } from '../../src/analytics/prices.ts';
import type { SqlRow } from '../../src/warehouse/engine/session.ts';
import { rows } from '../warehouse/support.ts';
import { load, openPriced } from './support.ts';

/** On the list, but no models of chat completions: older ones, and those that make or hear sound and pictures alone. */
const NOT_CHAT =
  /^(ada|babbage|curie|davinci|text-|computer-use$|gpt-image|gpt-realtime|gpt-5[.\d-]*-image)|-(realtime-preview|transcribe|transcribe-diarize|tts|instruct|instruct-0914)$/;
/** Names that other servers have for OpenAI's models, with a hyphen for the dot and the like. */
const OF_OTHERS = /^(gpt-5-[1-6](-|$)|gpt-35-)|:extended$|\.ft$|-high$/;

/** Answer under these names and are found by another: without its date, or not at all. */
const BY_ALIAS = [
  'ft:gpt-4-0613',
  'gpt-5-nano-2025-08-07',
  'gpt-6-sol-2026-09-22',
  'ft:gpt-4o-2024-08-06:acme::a1',
];

const listed = (): readonly string[] =>
  [...new Set((priceParts(null)[0]?.rows ?? []).map(({ model }) => model))].filter(
    (model) => !NOT_CHAT.test(model) && !OF_OTHERS.test(model),
  );

/** Lines of a model and tier: one a size of input and period, without what is as it is for the smaller size, or was before. */
function linesOf(prices: readonly SqlRow[]): readonly string[] {
  const sizes = [...Map.groupBy(prices, (row) => row['above'])].map(([above, ofSize]) => ({
    above,
    periods: [...Map.groupBy(ofSize, (row) => row['since'])]
      .map(([since, ofPeriod]) => ({ since, texts: priceTexts(ofPeriod) }))
      .filter(({ texts }, place, all) => texts !== all[place - 1]?.texts),
  }));
  return sizes
    .filter(({ periods }, place) => JSON.stringify(periods) !== JSON.stringify(sizes[place - 1]?.periods))
    .flatMap(({ above, periods }) => periods.map(({ since, texts }) => `${above},${since},${texts}`));
}

/** ~: assumed. -: known to have no price. Empty: none is known. */
const priceTexts = (of: readonly SqlRow[]): string =>
  TOKEN_TYPES.map((type) => {
    const row = of.find((one) => one['token_type'] === type);
    if (row === undefined) return '';
    return row['usd'] === null ? '-' : `${row['is_assumed'] === true ? '~' : ''}${Number(row['usd'])}`;
  }).join(',');

test('every chat model and tier of OpenAI costs what the reviewed table says', async () => {
  const models = [...listed(), ...BY_ALIAS].toSorted();
  const warehouse = await openPriced();
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: models.map((model) => ({ id: model, at: '2026-11-10T08:00:00Z', model })),
  });
  const prices = await rows(
    warehouse,
    `select
       model, service_tier as tier, min_input_tokens as above, token_type, usd_per_mtok as usd, is_assumed,
       case when valid_from > date '0001-01-01' then valid_from::varchar else '' end as since
     from marts.list_prices
     order by model, tier, above, since`,
  );
  const priced = new Set(prices.map((row) => row['model']));
  const table = [
    'model,service_tier,min_input_tokens,valid_from,input,input_cached,input_cache_write,input_audio,output,output_audio',
    ...[...Map.groupBy(prices, (row) => `${row['model']},${row['tier']}`)].flatMap(([name, of]) =>
      linesOf(of).map((line) => `${name},${line}`),
    ),
    ...models.filter((model) => !priced.has(model)).map((model) => `${model},no price`),
  ];
  await expect(`${table.join('\n')}\n`).toMatchFileSnapshot('price-review.csv');
});
