/** Price lists of others, read and put to what was imported before. */
import { findProvider } from '@pydantic/genai-prices';
import { describe, expect, test } from 'vitest';
import { PriceFileError } from '../../src/analytics/price-files.ts';
import { changesOf } from '../../src/analytics/price-import/changes.ts';
import { readPriceList } from '../../src/analytics/price-import/detect.ts';
import type { ParsedList } from '../../src/analytics/price-import/parsed-list.ts';
import { expandModels, type Price } from '../../src/analytics/prices.ts';
import { price as stored } from './support.ts';

/** `tier type size price`, one model's. */
const pricesOf = ({ prices }: ParsedList, model: string): readonly string[] =>
  prices
    .filter((price) => price.model === model)
    .map((one) => `${one.serviceTier} ${one.tokenType} ${one.minInputTokens} ${one.usdPerMtok}`)
    .toSorted();

const skipsOf = ({ skipped }: ParsedList) =>
  Object.fromEntries(skipped.map(({ reason, count }) => [reason, count]));

const namesOf = ({ prices }: ParsedList) => [...new Set(prices.map(({ model }) => model))].toSorted();

/** As LiteLLM's file has it: US dollars a token. */
const LITELLM = {
  sample_spec: { litellm_provider: 'one of …', mode: 'one of: chat, …', input_cost_per_token: 0 },
  'gpt-9': {
    litellm_provider: 'openai',
    mode: 'chat',
    max_input_tokens: 922_000,
    input_cost_per_token: 2e-6,
    output_cost_per_token: 8e-6,
    cache_read_input_token_cost: 2e-7,
    cache_creation_input_token_cost: 2.5e-6,
    input_cost_per_token_flex: 1e-6,
    input_cost_per_token_priority: 4e-6,
    input_cost_per_token_ultrafast: 1.2e-5,
    input_cost_per_token_batches: 1e-6,
    input_cost_per_token_above_272k_tokens: 4e-6,
    input_cost_per_token_above_272k_tokens_priority: 8e-6,
    input_cost_per_token_above_272k_tokens_batches: 2e-6,
    cache_creation_input_token_cost_above_12hr: 5e-6,
    input_cost_per_token_moonlight: 3e-6,
    output_cost_per_token_above_the_clouds: 3e-6,
    cache_read_input_token_cost_flex: 'free',
    regional_processing_uplift_multiplier_eu: 1.1,
    search_context_cost_per_query: { search_context_size_low: 0.01 },
    code_interpreter_cost_per_session: 0.03,
    input_cost_per_image_token: 5e-6,
    supports_vision: true,
  },
  'openai/gpt-9': { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: 9e-6 },
  'ft:gpt-9-audio': {
    litellm_provider: 'openai',
    mode: 'chat',
    input_cost_per_token: 0,
    input_cost_per_audio_token: 4e-5,
    output_cost_per_audio_token: 8.05e-5,
  },
  'text-embedding-9': { litellm_provider: 'openai', mode: 'embedding', input_cost_per_token: 1e-8 },
  'azure/gpt-9': { litellm_provider: 'azure', mode: 'chat', input_cost_per_token: 3e-6 },
  'azure/eu/gpt-9': { litellm_provider: 'azure', mode: 'chat', input_cost_per_token: 3.3e-6 },
  'one|two': { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: 1e-6 },
};

describe('LiteLLM', () => {
  const list = readPriceList(JSON.stringify(LITELLM), 'openai');

  test('tiers, long contexts and both together, caching, audio and fine-tuned names', () => {
    expect(list.kind).toBe('litellm');
    expect(namesOf(list)).toEqual(['ft:gpt-9-audio', 'gpt-9']);
    expect(pricesOf(list, 'gpt-9')).toEqual(
      [
        'default input 0 2',
        'default output 0 8',
        'default input_cached 0 0.2',
        'default input_cache_write 0 2.5',
        'flex input 0 1',
        'priority input 0 4',
        // OpenAI's newer name for the same.
        'ultrafast input 0 12',
        // More than 272,000 tokens.
        'default input 272001 4',
        'priority input 272001 8',
      ].toSorted(),
    );
    expect(pricesOf(list, 'ft:gpt-9-audio')).toEqual([
      'default input_audio 0 40',
      'default output_audio 0 80.5',
    ]);
  });

  test('what is left out is counted, by reason, and unknown names are told', () => {
    expect(skipsOf(list)).toEqual({
      other_provider: 2,
      no_chat: 1,
      odd_name: 1,
      batch: 2,
      kept_longer: 1,
      fee: 2,
      uplift: 1,
      not_told_apart: 1,
      zero: 1,
      not_a_price: 1,
      unknown_key: 2,
    });
    const names = list.skipped.find(({ reason }) => reason === 'unknown_key')?.names;
    expect(names).toEqual(['input_cost_per_token_moonlight', 'output_cost_per_token_above_the_clouds']);
  });

  test('of Azure the names that it answers with', () => {
    const azure = readPriceList(JSON.stringify(LITELLM), 'azure');
    expect(pricesOf(azure, 'gpt-9')).toEqual(['default input 0 3']);
    expect(skipsOf(azure)).toMatchObject({ variant: 1 });
  });
});

const GENAI = [
  {
    id: 'openai',
    name: 'OpenAI',
    models: [
      {
        id: 'gpt-9',
        match: { or: [{ equals: 'gpt-9-2026-10-01' }, { starts_with: 'gpt-9-' }] },
        prices: [
          { prices: { input_mtok: 3, output_mtok: 9 } },
          {
            constraint: { start_date: '2026-12-24' },
            prices: {
              input_mtok: { base: 2, tiers: [{ start: 271_999, price: 4 }] },
              output_mtok: 8,
              cache_read_mtok: 0,
            },
          },
        ],
      },
      {
        id: 'night',
        match: { equals: 'night' },
        prices: [{ constraint: { start_time: '00:00Z', end_time: '05:00Z' }, prices: { input_mtok: 1 } }],
      },
      {
        id: 'search',
        match: { equals: 'search' },
        prices: { input_mtok: 1, web_searches_kcount: 10, input_image_mtok: 2 },
      },
      { id: 'broken', match: { equals: 'broken' }, prices: { input_mtok: '1' } },
    ],
  },
  { id: 'azure', models: [{ id: 'gpt-9', match: {}, prices: { input_mtok: 7 } }] },
];

describe('genai-prices', () => {
  test.each([
    ['a list of providers', GENAI],
    ['providers within an object', { providers: GENAI }],
  ])('%s: every exact name with its history, and nothing of what it is silent on', (_, file) => {
    const list = readPriceList(JSON.stringify(file), 'openai');
    expect(list.kind).toBe('genai-prices');
    expect(namesOf(list)).toEqual(['gpt-9', 'gpt-9-2026-10-01', 'search']);
    const told = list.prices
      .filter(({ model }) => model === 'gpt-9-2026-10-01')
      .map((one) => [one.tokenType, one.minInputTokens, one.validFrom, one.validTo, one.usdPerMtok]);
    expect(told).toEqual([
      ['input', 0, null, '2026-12-24', '3'],
      ['output', 0, null, '2026-12-24', '9'],
      ['input', 0, '2026-12-24', null, '2'],
      ['input', 272_001, '2026-12-24', null, '4'],
      ['output', 0, '2026-12-24', null, '8'],
    ]);
    // The free cached tokens of gpt-9 under two names.
    expect(skipsOf(list)).toEqual({
      other_provider: 1,
      by_time: 1,
      fee: 1,
      not_told_apart: 1,
      not_a_price: 1,
      zero: 2,
    });
  });
});

test('the data of the package itself is read as the program reads the package', () => {
  const provider = findProvider({ providerId: 'openai' });
  const { prices, skipped } = readPriceList(JSON.stringify([provider]), 'openai');
  const own = expandModels(provider?.models ?? []).filter((one) => one.note === '' && one.usdPerMtok !== '0');
  expect(own.length).toBeGreaterThan(300);
  expect(prices).toEqual(own);
  expect(skipped.map(({ reason }) => reason)).not.toContain('not_a_price');
});

const MODELS_DEV = {
  openai: {
    id: 'openai',
    models: {
      'gpt-9': {
        id: 'gpt-9',
        modalities: { input: ['text'], output: ['text'] },
        cost: {
          input: 2,
          output: 8,
          cache_read: 0.2,
          reasoning: 8,
          tiers: [{ input: 4, output: 12, tier: { type: 'context', size: 272_000 } }],
          // The same once more, under a name that says another size.
          context_over_200k: { input: 4, output: 12 },
        },
        experimental: {
          modes: {
            fast: { cost: { input: 4 }, provider: { body: { service_tier: 'priority' } } },
            pro: { cost: { input: 50 }, provider: { body: { reasoning: { mode: 'pro' } } } },
          },
        },
      },
      'gpt-8': { cost: { input: 1, output: 2, context_over_200k: { input: 2 } } },
      'gpt-image-9': { modalities: { output: ['image'] }, cost: { input: 5 } },
    },
  },
  elsewhere: { models: { 'gpt-9': { cost: { input: 1 } } } },
};

test('models.dev: sizes from their tiers, else from the older form, and the mode of a tier', () => {
  const list = readPriceList(JSON.stringify(MODELS_DEV), 'openai');
  expect(list.kind).toBe('models.dev');
  expect(pricesOf(list, 'gpt-9')).toEqual(
    [
      'default input 0 2',
      'default input 272001 4',
      'default input_cached 0 0.2',
      'default output 0 8',
      'default output 272001 12',
      'priority input 0 4',
    ].toSorted(),
  );
  expect(pricesOf(list, 'gpt-8')).toEqual([
    'default input 0 1',
    'default input 200001 2',
    'default output 0 2',
  ]);
  expect(skipsOf(list)).toEqual({ other_provider: 1, no_chat: 1, not_told_apart: 1 });
});

test('the same CSV again changes nothing, however its prices are written', () => {
  const header = 'model,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok';
  const rows = ['2.50', '10.00', '007', '0.0', '100', ''].map((usd, place) => `m-${place},,input,,,,${usd}`);
  const { prices } = readPriceList([header, ...rows].join('\n'), 'openai');
  // As `state/list_stored_prices` gives them back.
  expect(prices.map(({ usdPerMtok }) => usdPerMtok)).toEqual(['2.5', '10', '7', '0', '100', null]);
});

test('our own CSV is one too, below comments', () => {
  const csv =
    '# looked up\n\nmodel,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok\ngpt-9,,input,,,,0\n';
  const list = readPriceList(csv, 'openai');
  expect([list.kind, pricesOf(list, 'gpt-9')]).toEqual(['csv', ['default input 0 0']]);
});

test.each([
  ['a page of the web', '<!doctype html><title>Prices</title>', /^is none of the price lists .* LiteLLM/],
  ['a file that ends too soon', '{"gpt-9": {"litellm_provider": "ope', /^begins like JSON and is none/],
  ['another JSON', '{"prices": [1, 2]}', /^is none of the price lists/],
  ['an empty list', '[]', /^is none of the price lists/],
  ['an empty file', '', /^is none of the price lists/],
  [
    'a list without the provider',
    JSON.stringify({ a: { litellm_provider: 'x' } }),
    /^holds no price of openai's/,
  ],
  [
    'a CSV with a wrong line',
    'model,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok\nx,,input,,,,much\n',
    /^line 2: usd_per_mtok must/,
  ],
  [
    'a CSV of nothing',
    'model,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok\n',
    /^holds no price/,
  ],
])('%s ends in one clear error', (_, text, message) => {
  expect(() => readPriceList(text, 'openai')).toThrow(PriceFileError);
  expect(() => readPriceList(text, 'openai')).toThrow(message);
});

describe('what an import changes', () => {
  const held = [
    stored({ model: 'gpt-8', usd_per_mtok: '2' }),
    stored({ model: 'gpt-8', usd_per_mtok: '4', min_input_tokens: 272_001 }),
    stored({ model: 'gpt-8', usd_per_mtok: '1', source: 'contract' }),
    stored({
      model: 'gpt-8',
      usd_per_mtok: '5',
      source: 'imported',
      valid_from: '2026-11-01',
      valid_to: '2026-11-10',
    }),
    stored({ model: 'gpt-8', usd_per_mtok: '9', service_tier: 'flex', source: 'overlay' }),
    stored({ model: 'gpt-8', usd_per_mtok: '8', service_tier: 'flex' }),
    stored({ model: 'gpt-4o', usd_per_mtok: '2.5' }),
    stored({ model: 'gpt-4o-2024-05-13', usd_per_mtok: '5', token_type: 'output' }),
  ];
  const listed = (fields: Partial<Price>): Price => ({
    model: 'gpt-8',
    serviceTier: 'default',
    tokenType: 'input',
    minInputTokens: 0,
    validFrom: null,
    validTo: null,
    usdPerMtok: '2',
    note: '',
    ...fields,
  });

  test.each([
    ['the same as the list has', {}, '2026-11-20', ['same', '2']],
    ['another price than was imported for that day', {}, '2026-11-05', ['changed', '5']],
    ['another price of long contexts', { minInputTokens: 272_001 }, '2026-11-20', ['changed', '4']],
    ['a size between: it cost what its size did', { minInputTokens: 100_001 }, '2026-11-20', ['same', '2']],
    ['the overlay before the list', { serviceTier: 'flex' }, '2026-11-20', ['changed', '9']],
    ['a tier that nobody had', { serviceTier: 'fast' }, '2026-11-20', ['new', null]],
    ['a date of a model that was known without', { model: 'gpt-8-2026-11-01' }, '2026-11-20', ['same', '2']],
    [
      'a date that the list knows otherwise: its alias lent it nothing',
      { model: 'gpt-4o-2024-05-13' },
      '2026-11-20',
      ['new', null],
    ],
    ['a day to come', { validFrom: '2026-12-24' }, '2026-11-20', ['same', '2', '2026-12-24']],
  ] as const)('%s', (_, fields, day, [kind, before, from = day]) => {
    expect(changesOf(held, [listed(fields)], day)).toMatchObject([{ kind, before, from }]);
  });

  test('a price that ended before is none', () => {
    expect(changesOf(held, [listed({ validTo: '2026-11-20' })], '2026-11-20')).toEqual([]);
  });
});
