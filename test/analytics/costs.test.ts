import { expect, test } from 'vitest';
import { choice, listOf, load, numbers, openPriced, price, usage } from './support.ts';

/** Of one completion in marts.completions. */
const costs = (columns: string) =>
  `select completion_id as id, ${columns} from marts.completions order by id`;

test('a million input tokens of which 400,000 cached and 100,000 output cost what the list says', async () => {
  const warehouse = await openPriced();
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: [
      { id: 'cached', at: '2026-11-10T08:00:00Z', usage: usage(1_000_000, 100_000, { cached: 400_000 }) },
      { id: 'plain', at: '2026-11-10T08:00:00Z' },
    ],
  });
  // gpt-4.1: 2 input, 0.5 cached, 8 output a million. 0.6 x 2 + 0.4 x 0.5 + 0.1 x 8 = 2.2; not told: 1 x 2 + 0.1 x 8 = 2.8.
  expect(
    await numbers(warehouse, costs('list_cost_usd, is_unpriced, priced_tokens, input_cached_tokens')),
  ).toEqual([
    {
      id: 'cached',
      list_cost_usd: 2.2,
      is_unpriced: false,
      priced_tokens: 1_100_000,
      input_cached_tokens: 400_000,
    },
    {
      id: 'plain',
      list_cost_usd: 2.8,
      is_unpriced: false,
      priced_tokens: 1_100_000,
      input_cached_tokens: null,
    },
  ]);
});

test('the tier that served the call is priced: flex at half, priority by its own row, none as default, others not', async () => {
  const warehouse = await openPriced();
  const made = [null, 'auto', 'default', 'flex', 'priority', 'scale', 'turbo', 'fast'].map((tier, place) => ({
    id: `${place} ${tier}`,
    at: '2026-11-10T08:00:00Z',
    model: 'gpt-5-2025-08-07',
    tier,
    usage: usage(1_000_000, 100_000, { cached: 0 }),
  }));
  await load(warehouse, { now: '2026-11-20T00:00:00Z', made });
  // gpt-5: 1.25 + 0.1 x 10 = 2.25; flex half of it; priority 2.5 + 0.1 x 20 = 4.5.
  expect(
    await numbers(
      warehouse,
      costs('service_tier as tier, list_cost_usd as cost, standard_cost_usd as standard'),
    ),
  ).toEqual([
    { id: '0 null', tier: 'default', cost: 2.25, standard: 2.25 },
    { id: '1 auto', tier: 'default', cost: 2.25, standard: 2.25 },
    { id: '2 default', tier: 'default', cost: 2.25, standard: 2.25 },
    { id: '3 flex', tier: 'flex', cost: 1.125, standard: 2.25 },
    { id: '4 priority', tier: 'priority', cost: 4.5, standard: 2.25 },
    { id: '5 scale', tier: 'scale', cost: null, standard: 2.25 },
    { id: '6 turbo', tier: 'turbo', cost: null, standard: 2.25 },
    // Another word for priority.
    { id: '7 fast', tier: 'priority', cost: 4.5, standard: 2.25 },
  ]);
  expect(
    await numbers(
      warehouse,
      'select service_tier as tier, sum(tier_saving_usd) as saved from marts.usage_daily group by 1 order by 1',
    ),
  ).toEqual([
    { tier: 'default', saved: 0 },
    { tier: 'flex', saved: 1.125 },
    { tier: 'priority', saved: -4.5 },
    { tier: 'scale', saved: null },
    { tier: 'turbo', saved: null },
  ]);
});

test('what has no price is NULL and flagged, and is listed with the reason', async () => {
  const warehouse = await openPriced();
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: [
      { id: 'a', at: '2026-11-10T08:00:00Z', model: 'llama-9', usage: usage(10, 5) },
      { id: 'c', at: '2026-11-10T08:00:00Z', tier: 'scale', usage: usage(10, 5) },
      { id: 'd', at: '2026-11-10T08:00:00Z', tier: 'flex', usage: usage(10, 5) },
      // Neither is a name on the list: the nano model must not be taken for gpt-4.1, nor a longer name for it.
      { id: 'e', at: '2026-11-10T08:00:00Z', model: 'gpt-4.1-pico', usage: usage(10, 5) },
      { id: 'f', at: '2026-11-10T08:00:00Z', usage: null },
      { id: 'g', at: '2026-11-10T08:00:00Z', model: 'llama-9', usage: usage(0, 0) },
    ],
  });
  expect(
    await numbers(warehouse, costs('list_cost_usd as cost, is_unpriced, has_usage, total_tokens as tokens')),
  ).toEqual([
    { id: 'a', cost: null, is_unpriced: true, has_usage: true, tokens: 15 },
    { id: 'c', cost: null, is_unpriced: true, has_usage: true, tokens: 15 },
    { id: 'd', cost: null, is_unpriced: true, has_usage: true, tokens: 15 },
    { id: 'e', cost: null, is_unpriced: true, has_usage: true, tokens: 15 },
    { id: 'f', cost: null, is_unpriced: false, has_usage: false, tokens: null },
    { id: 'g', cost: 0, is_unpriced: false, has_usage: true, tokens: 0 },
  ]);
  expect(
    await numbers(
      warehouse,
      `select model, service_tier as tier, reason, sum(tokens)::bigint as tokens from marts.unpriced_usage
       group by all order by all`,
    ),
  ).toEqual([
    { model: 'gpt-4.1-2025-04-14', tier: 'flex', reason: 'no price for the tier', tokens: 15 },
    { model: 'gpt-4.1-2025-04-14', tier: 'scale', reason: 'prepaid tier', tokens: 15 },
    { model: 'gpt-4.1-pico', tier: 'default', reason: 'unknown model', tokens: 15 },
    { model: 'llama-9', tier: 'default', reason: 'unknown model', tokens: 15 },
  ]);
});

test('a price changes at midnight UTC, and the second before costs what it did', async () => {
  const warehouse = await openPriced(
    listOf(
      price({ valid_to: '2026-11-10', usd_per_mtok: '10' }),
      price({ valid_from: '2026-11-10', usd_per_mtok: '2' }),
      price({ token_type: 'output', usd_per_mtok: '8' }),
    ),
  );
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: [
      { id: 'before', at: '2026-11-09T23:59:59Z', usage: usage(1_000_000, 0) },
      { id: 'from', at: '2026-11-10T00:00:00Z', usage: usage(1_000_000, 0) },
    ],
  });
  expect(await numbers(warehouse, costs('created_date as day, list_cost_usd as cost'))).toEqual([
    { id: 'before', day: '2026-11-09', cost: 10 },
    { id: 'from', day: '2026-11-10', cost: 2 },
  ]);
});

test('a call beyond the long-context threshold pays its price for all of its tokens; one of just that size does not', async () => {
  const warehouse = await openPriced();
  const made = ['default', 'flex'].flatMap((tier) =>
    [271_999, 272_000, 272_001].map((tokens) => ({
      id: `${tier} ${tokens}`,
      at: '2026-11-10T08:00:00Z',
      model: 'gpt-5.4-2026-03-05',
      tier,
      usage: usage(tokens, 1000, { cached: 1000 }),
    })),
  );
  await load(warehouse, { now: '2026-11-20T00:00:00Z', made });
  // 270,999 x 2.5 + 1,000 x 0.25 + 1,000 x 15, all by a million, and 2.5 for one more; above: 271,001 x 5 + 1,000 x 0.5 + 1,000 x 22.5.
  const expected = [
    { id: 'default 271999', cost: 0.6927475 },
    { id: 'default 272000', cost: 0.69275 },
    { id: 'default 272001', cost: 1.378005 },
    // Half of it, but for cached input: 0.13, as the list rounds it.
    { id: 'flex 271999', cost: 0.34637875 },
    { id: 'flex 272000', cost: 0.34638 },
    { id: 'flex 272001', cost: 0.6890025 },
  ];
  expect(await numbers(warehouse, costs('list_cost_usd as cost'))).toEqual(expected);
  expect(
    await numbers(
      warehouse,
      'select completion_id as id, sum(list_cost_usd) as cost from marts.usage_costs group by 1 order by 1',
    ),
  ).toEqual(expected);
});

test('counts that contradict each other cost no more than the whole, and still sum to it', async () => {
  const warehouse = await openPriced();
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: [
      // More cached than there is; audio and cached beyond the whole; a total above the sum; below it; absurd; only a total.
      { id: 'a', at: '2026-11-10T08:00:00Z', usage: usage(1000, 0, { cached: 1500 }) },
      {
        id: 'b',
        at: '2026-11-10T08:00:00Z',
        usage: { ...usage(1000, 0), prompt_tokens_details: { cached_tokens: 700, audio_tokens: 700 } },
      },
      { id: 'c', at: '2026-11-10T08:00:00Z', usage: { ...usage(1000, 100), total_tokens: 1300 } },
      { id: 'd', at: '2026-11-10T08:00:00Z', usage: { ...usage(1000, 100), total_tokens: 900 } },
      {
        id: 'e',
        at: '2026-11-10T08:00:00Z',
        usage: { prompt_tokens: -5, completion_tokens: 100, total_tokens: 9e18 },
      },
      { id: 'f', at: '2026-11-10T08:00:00Z', usage: { total_tokens: 50 } },
    ],
  });
  expect(
    await numbers(
      warehouse,
      costs('total_tokens as tokens, priced_tokens as priced, list_cost_usd as cost, is_inconsistent as bad'),
    ),
  ).toEqual([
    { id: 'a', tokens: 1000, priced: 1000, cost: 0.0005, bad: true },
    { id: 'b', tokens: 1000, priced: 700, cost: 0.00035, bad: false },
    { id: 'c', tokens: 1300, priced: 1100, cost: 0.0028, bad: true },
    { id: 'd', tokens: 1100, priced: 1100, cost: 0.0028, bad: true },
    { id: 'e', tokens: 100, priced: 100, cost: 0.0008, bad: true },
    { id: 'f', tokens: 50, priced: 0, cost: null, bad: false },
  ]);
  expect(
    await numbers(
      warehouse,
      `select completion_id as id, sum(tokens) as tokens, min(tokens) > 0 as positive, sum(list_cost_usd) as cost
       from marts.usage_costs group by 1 order by 1`,
    ),
  ).toEqual([
    { id: 'a', tokens: 1000, positive: true, cost: 0.0005 },
    { id: 'b', tokens: 1000, positive: true, cost: 0.00035 },
    { id: 'c', tokens: 1300, positive: true, cost: 0.0028 },
    { id: 'd', tokens: 1100, positive: true, cost: 0.0028 },
    { id: 'e', tokens: 100, positive: true, cost: 0.0008 },
    { id: 'f', tokens: 50, positive: true, cost: null },
  ]);
});

test('several answers, tool calls and labels do not multiply a completion', async () => {
  const warehouse = await openPriced();
  const call = { id: 'c', type: 'function', function: { name: 'look_up', arguments: '{}' } };
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: [
      {
        id: 'a',
        at: '2026-11-10T08:00:00Z',
        tags: { team: 'x', env: 'dev', n: 7, nested: { deep: [1] }, none: null },
        usage: usage(1000, 100),
        choices: [
          choice('tool_calls', { content: null, tool_calls: [call, call] }, 1),
          choice(null, {}, 0),
          choice('length', { refusal: 'no' }, 2),
        ],
      },
    ],
  });
  expect(
    await numbers(
      warehouse,
      costs(
        'total_tokens as tokens, choice_count, finish_reason, is_truncated, is_content_filtered, is_refused, tool_call_count, tags',
      ),
    ),
  ).toEqual([
    {
      id: 'a',
      tokens: 1100,
      choice_count: 3,
      finish_reason: null,
      is_truncated: true,
      is_content_filtered: false,
      is_refused: true,
      tool_call_count: 2,
      tags: [
        ['team', 'x'],
        ['env', 'dev'],
        ['n', '7'],
        ['nested', '{"deep":[1]}'],
        ['none', null],
      ],
    },
  ]);
  expect(
    await numbers(
      warehouse,
      'select sum(completions) as n, sum(total_tokens) as tokens, sum(tool_calls) as calls from marts.usage_daily',
    ),
  ).toEqual([{ n: 1, tokens: 1100, calls: 2 }]);
});

test('what nothing has a price of is NULL in every sum, not 0; what used no token costs nothing', async () => {
  const warehouse = await openPriced();
  const day = '2026-11-10T08:00:00Z';
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: [
      { id: 'unknown', at: day, model: 'nobody-knows-1', usage: usage(1_000, 100, { cached: 0 }) },
      { id: 'no tokens', at: day, model: 'nobody-knows-2', usage: usage(0, 0) },
    ],
  });
  for (const mart of ['usage_hourly', 'usage_daily']) {
    expect(await numbers(warehouse, `select model, list_cost_usd from marts.${mart} order by model`)).toEqual(
      [
        { model: 'nobody-knows-1', list_cost_usd: null },
        { model: 'nobody-knows-2', list_cost_usd: 0 },
      ],
    );
  }
});

test('a fine-tuned model and one that hears and speaks cost what the rows of our own say', async () => {
  const warehouse = await openPriced();
  const day = '2026-11-10T08:00:00Z';
  const spoken = {
    prompt_tokens: 1_000_000,
    completion_tokens: 1_000_000,
    total_tokens: 2_000_000,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 400_000 },
    completion_tokens_details: { audio_tokens: 100_000 },
  };
  await load(warehouse, {
    now: '2026-11-20T00:00:00Z',
    made: [
      { id: 'spoken', at: day, model: 'gpt-4o-audio-preview-2024-12-17', usage: spoken },
      {
        id: 'tuned',
        at: day,
        model: 'ft:gpt-4.1-mini-2025-04-14:acme::abc123',
        usage: usage(1_000_000, 100_000, { cached: 500_000 }),
      },
      {
        id: 'tuned, cached at half',
        at: day,
        model: 'ft:gpt-4o-2024-08-06:acme::abc123',
        usage: usage(1_000_000, 100_000, { cached: 500_000 }),
      },
    ],
  });
  // 0.6 x 2.5 + 0.4 x 40 + 0.9 x 10 + 0.1 x 80 = 34.5; 0.5 x 0.8 + 0.5 x 0.2 + 0.1 x 3.2 = 0.82; 0.5 x 3.75 + 0.5 x 1.875 + 0.1 x 15.
  expect(await numbers(warehouse, costs('list_cost_usd, is_unpriced'))).toEqual([
    { id: 'spoken', list_cost_usd: 34.5, is_unpriced: false },
    { id: 'tuned', list_cost_usd: 0.82, is_unpriced: false },
    { id: 'tuned, cached at half', list_cost_usd: 4.3125, is_unpriced: false },
  ]);
});
