import { expect, test } from 'vitest';
import { seededRandom } from '../support/random.ts';
import { fixture, GPT5, GPT41, NOW, PRICES, publishedCopy, run, table } from './reports-support.ts';
import { choice, load, type Made, usage } from './support.ts';

const GROUPS: readonly (readonly string[])[] = [
  ...['day', 'week', 'month', 'model', 'model_family', 'service_tier', 'source', 'finish_reason'],
  ...['metadata.team', 'metadata.env', 'metadata.request', 'metadata.nobody'],
].map((group) => [group]);

const PAIRS = [
  ['metadata.team', 'model'],
  ['model', 'metadata.team'],
  ['metadata.team', 'metadata.env'],
  ['week', 'metadata.team'],
  ['metadata.env', 'day'],
  ['finish_reason', 'service_tier'],
];

test('two groups: a row for each pair there is, by hand', async () => {
  const warehouse = await fixture();
  const columns = [
    'group_name',
    'group_name_2',
    'completions',
    'total_tokens',
    'list_cost_usd',
    'cost_share',
  ];
  // Of x: a at 3.4 and h at 1, c at 1, f; of y: b at 2.8 and g, which told no tokens; without: d at 3.5 and e.
  expect(await table(warehouse, 'cost', columns, { by: ['metadata.team', 'model'] })).toEqual([
    ['x', GPT41, 2, 1_600_000, 4.4, 0.376068376],
    ['(untagged)', GPT5, 2, 1_101_100, 3.5, 0.299145299],
    ['y', GPT41, 2, 1_100_000, 2.8, 0.239316239],
    ['x', GPT5, 1, 1_100_000, 1, 0.085470085],
    ['x', 'llama-9', 1, 2_200, null, null],
  ]);
  // Two keys, which no rollup has together.
  const short = ['group_name', 'group_name_2', 'completions', 'list_cost_usd'];
  expect(await table(warehouse, 'cost', short, { by: ['metadata.team', 'metadata.env'] })).toEqual([
    ['(untagged)', '(untagged)', 1, 3.5],
    ['x', 'dev', 1, 3.4],
    ['y', '(untagged)', 2, 2.8],
    ['x', '(untagged)', 3, 2],
    ['(untagged)', 'prod', 1, null],
  ]);
  expect(
    await table(warehouse, 'cache', ['group_name', 'group_name_2', 'cache_hit_ratio'], {
      by: ['source', 'model'],
    }),
  ).toEqual([
    ['prod', GPT41, 0.4],
    ['eu', GPT5, 0.125],
    ['prod', 'llama-9', null],
    ['prod', GPT5, null],
  ]);
});

test('of two groups the rest is (others), what lacks a key stays, and no time is left out', async () => {
  const warehouse = await fixture();
  const columns = ['group_name', 'group_name_2', 'completions', 'list_cost_usd'];
  expect(await table(warehouse, 'cost', columns, { by: ['metadata.team', 'model'], top: 1 })).toEqual([
    ['x', GPT41, 2, 4.4],
    ['(untagged)', GPT5, 2, 3.5],
    ['(others)', '(others)', 4, 3.8],
  ]);
  // x is the largest team of the whole period, so it is the one of each day.
  expect(await table(warehouse, 'cost', columns, { by: ['day', 'metadata.team'], top: 1 })).toEqual([
    ['2026-11-09', 'x', 1, 3.4],
    ['2026-11-10', 'x', 1, 1],
    ['2026-11-10', '(others)', 1, 2.8],
    ['2026-11-11', '(untagged)', 2, 3.5],
    ['2026-11-12', 'x', 1, null],
    ['2026-11-12', '(others)', 1, null],
    ['2026-11-20', 'x', 1, 1],
  ]);
  // The time second: each team through its days.
  expect(await table(warehouse, 'cost', columns, { by: ['metadata.team', 'month'], top: 1 })).toEqual([
    ['x', '2026-11', 4, 5.4],
    ['(untagged)', '2026-11', 2, 3.5],
    ['(others)', '2026-11', 2, 2.8],
  ]);
});

test('two groups that are one, two times, and more than there is room for are refused', async () => {
  const warehouse = await fixture();
  const refused = (name: string, ...by: readonly string[]) => expect(run(warehouse, name, { by })).rejects;
  await refused('cost', 'model', 'model').toThrow('--by model is there twice');
  await refused('cost', 'day', 'week').toThrow('--by takes one time, not day and week');
  await refused('cost', 'model', 'source', 'day').toThrow('the report cost takes 2 --by at the most');
  await refused('health', 'model', 'source').toThrow('the report health takes no --by');
});

/** Independent of the marts: what a call costs, from the tables and the prices of the test. NULL tokens have no part in it. */
const OWN = `
  with own as (
    select
      total_tokens,
      case
        when model = '${GPT41}' and coalesce(service_tier, 'default') = 'default' then
          (prompt_tokens - coalesce(prompt_cached_tokens, 0))
            * case when created_at < timestamptz '2026-11-10 00:00:00Z' then 4 else 2 end
          + coalesce(prompt_cached_tokens, 0) * 0.5 + completion_tokens * 8
        when model = '${GPT5}' and coalesce(service_tier, 'default') in ('default', 'flex', 'priority') then
          ((prompt_tokens - coalesce(prompt_cached_tokens, 0)) * 1 + completion_tokens * 10)
            * case service_tier when 'flex' then 0.5 when 'priority' then 2 else 1 end
      end / 1000000 as cost
    from main.completion_usage
  )
  select count(*), sum(total_tokens)::bigint, round(sum(cost), 9)::double from own`;

test('for everything a report may be grouped by, the rows sum to the whole', async () => {
  const random = seededRandom(7);
  const made = (count: number, name: string): readonly Made[] =>
    Array.from({ length: count }, (_, place) => {
      const prompt = Math.floor(random.next() * 5_000);
      const cached = random.pick([undefined, 0, Math.floor(prompt / 3)]);
      return {
        id: `${name}${place}`,
        // Many at midnight to the second.
        at: `2026-11-${String(1 + Math.floor(random.next() * 20)).padStart(2, '0')}T${random.pick(['00:00:00', '23:59:59', '11:00:00'])}Z`,
        model: random.pick([GPT41, GPT5, 'llama-9', null]),
        tier: random.pick([null, 'default', 'flex', 'priority', 'scale']),
        usage:
          random.next() < 0.1
            ? null
            : usage(
                prompt,
                Math.floor(random.next() * 900),
                cached === undefined ? {} : { cached, reasoning: 3 },
              ),
        tags: {
          ...(random.next() < 0.6 ? { team: random.pick(['x', 'y', '(untagged)', '(others)', '']) } : {}),
          ...(random.next() < 0.4 ? { env: random.pick(['dev', 'prod']) } : {}),
          ...(random.next() < 0.5 ? { request: `r-${place}` } : {}),
        },
        choices: random.pick([[choice('stop')], [choice('length'), choice('stop', {}, 1)], [choice(null)]]),
      };
    });
  const warehouse = await publishedCopy(PRICES, async (filled) => {
    await load(filled, { source: 'prod', now: NOW, made: made(250, 'p') });
    await load(filled, { source: 'eu', now: NOW, made: made(80, 'e') });
  });
  const [whole] = (await warehouse.query(OWN)).rows;
  for (const by of [...GROUPS, ...PAIRS]) {
    const about = by.join(' and ');
    for (const top of [null, 3]) {
      const { rows } = await run(warehouse, 'cost', { by, top });
      const sum = (column: string) => rows.reduce((all, row) => all + Number(row[column] ?? 0), 0);
      expect(sum('completions'), about).toBe(Number(whole?.[0]));
      expect(sum('total_tokens'), about).toBe(Number(whole?.[1]));
      expect(sum('list_cost_usd'), about).toBeCloseTo(Number(whole?.[2]), 9);
      expect(sum('token_share'), about).toBeCloseTo(1, 9);
      expect(sum('cost_share'), about).toBeCloseTo(1, 9);
    }
    // The parts of another report that groups the same way.
    const [cached, cost] = [
      await run(warehouse, 'cache', { by, top: 1_000 }),
      await run(warehouse, 'cost', { by, top: 1_000 }),
    ];
    const inputs = (rows: typeof cost.rows) =>
      rows.reduce((all, row) => all + Number(row['input_tokens'] ?? 0), 0);
    expect(inputs(cached.rows), about).toBe(inputs(cost.rows));
    for (const { cache_hit_ratio: ratio } of cached.rows) {
      if (ratio !== null && ratio !== undefined) expect(Number(ratio)).toBeLessThanOrEqual(1);
    }
  }
  const all = await run(warehouse, 'cost', { by: 'model' });
  const halves = await Promise.all(
    ['prod', 'eu'].map((source) => run(warehouse, 'cost', { by: 'model', source })),
  );
  const tokens = (rows: typeof all.rows) =>
    rows.reduce((sum, row) => sum + Number(row['total_tokens'] ?? 0), 0);
  expect(halves.reduce((sum, { rows }) => sum + tokens(rows), 0)).toBe(tokens(all.rows));
}, 60_000);
