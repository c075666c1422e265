import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Message, unixSeconds } from '../../src/sync/ports.ts';
import type { PublishedMart } from '../../src/warehouse/publication.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { contents, publishBeside, publishedPath } from './publishing.ts';
import {
  batch,
  completion,
  completionId,
  observe,
  open,
  range,
  startRun,
  T0,
  temporaryPath,
} from './support.ts';

const DAY = 86_400;

/** Marts of our own: one of a day's rows, one over it, one with a map. */
const MARTS: readonly PublishedMart[] = [
  { name: 'by_day', dayColumn: 'created_date' },
  { name: 'tagged', dayColumn: 'created_date' },
  { name: 'totals', dayColumn: null },
];

const CREATE_MARTS = [
  'create schema if not exists marts',
  `create view marts.by_day as select (created_at at time zone 'UTC')::date as created_date, model, count(*) as n,
     sum(total_tokens) as tokens from main.completion_usage group by all`,
  `create view marts.tagged as select (created_at at time zone 'UTC')::date as created_date, completion_id,
     map_from_entries(list((key, value) order by key)) as tags from main.completion_metadata group by all`,
  'create view marts.totals as select sum(n)::bigint as n, sum(tokens) as tokens from marts.by_day',
  "comment on view marts.by_day is 'Tokens by day.'",
  "comment on column marts.by_day.n is 'How many.'",
];

async function withMarts(path: string): Promise<WarehouseFile> {
  const warehouse = await open(path);
  for (const sql of CREATE_MARTS) await warehouse.query(sql);
  return warehouse;
}

const message = (id: string, created: number, index: number, text: string): Message => ({
  completionId: completionId(id),
  completionCreatedAt: unixSeconds(created),
  index,
  raw: JSON.stringify({ id: `${id}-${index}`, role: 'user', content: text }),
  body: { id: `${id}-${index}`, role: 'user', content: text },
});

test('after any loads, updates and re-reads the copy equals one made as a whole, table by table', async () => {
  const path = await temporaryPath();
  const warehouse = await withMarts(path);
  const item = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    version: fc.integer({ min: 0, max: 3 }),
    at: fc.integer({ min: 1, max: 100 }),
  });
  const step = fc.record({
    items: fc.array(item, { maxLength: 5 }),
    messages: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }),
    publishes: fc.boolean(),
  });
  const dayOf = (id: string): number => T0 + (id.charCodeAt(0) - 97) * 3 * DAY;
  let now = T0 * 1000;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      for (const { items, messages, publishes } of steps) {
        now += 60_000;
        const runId = await startRun(warehouse);
        await warehouse.load(
          batch(runId, {
            items: items.map(({ id, version, at }) =>
              observe(completion(id, dayOf(id), { metadata: { version: String(version) } }), now + at),
            ),
            messages: messages.map((id) => message(id, dayOf(id), 0, `text at ${now}`)),
            covered: [range(T0, T0 + 10)],
          }),
        );
        if (publishes) await publishBeside(path, { marts: MARTS, nowMs: () => now });
      }
      const last = await publishBeside(path, { marts: MARTS, nowMs: () => now });
      const grown = await contents(publishedPath(path));
      const to = path.replace('.duckdb', '.whole.duckdb');
      await publishBeside(path, { to, marts: MARTS, whole: true });
      expect(grown).toEqual(await contents(to));
      return last.wholeBecause === null || last.wholeBecause === 'there was none';
    }),
    { numRuns: 12 },
  );
});
