import { expect, test } from 'vitest';
import { seededRandom } from '../support/random.ts';
import { open, temporaryPath } from '../warehouse/support.ts';
import { GPT5, GPT41, NOW, PRICES, run } from './reports-support.ts';
import { choice, load, type Made, openPriced, usage } from './support.ts';

const GROUPS = ['day', 'week', 'month', 'model', 'model_family', 'service_tier', 'source', 'finish_reason'];

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
  const path = await temporaryPath();
  const loaded = await openPriced(PRICES, { path });
  await load(loaded, { source: 'prod', now: NOW, made: made(250, 'p') });
  await load(loaded, { source: 'eu', now: NOW, made: made(80, 'e') });
  await loaded.close();
  // As reports have it: for reading, with the memory of the settings and not of a loader.
  const warehouse = await open(path, { readOnly: true });
  const [whole] = (await warehouse.query(OWN)).rows;
  for (const by of [...GROUPS, 'metadata.team', 'metadata.env', 'metadata.request', 'metadata.nobody']) {
    for (const top of [null, 3]) {
      const { rows } = await run(warehouse, 'cost', { by, top });
      const sum = (column: string) => rows.reduce((all, row) => all + Number(row[column] ?? 0), 0);
      expect(sum('completions'), by).toBe(Number(whole?.[0]));
      expect(sum('total_tokens'), by).toBe(Number(whole?.[1]));
      expect(sum('list_cost_usd'), by).toBeCloseTo(Number(whole?.[2]), 9);
      expect(sum('token_share'), by).toBeCloseTo(1, 9);
      expect(sum('cost_share'), by).toBeCloseTo(1, 9);
    }
    // The parts of another report that groups the same way.
    const [cached, cost] = [
      await run(warehouse, 'cache', { by, top: 1_000 }),
      await run(warehouse, 'cost', { by, top: 1_000 }),
    ];
    const inputs = (rows: typeof cost.rows) =>
      rows.reduce((all, row) => all + Number(row['input_tokens'] ?? 0), 0);
    expect(inputs(cached.rows), by).toBe(inputs(cost.rows));
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
