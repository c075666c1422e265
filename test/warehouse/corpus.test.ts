import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { memberText } from '../support/items.ts';
import { batch, observed, openTemporary, rows, startRun, value } from './support.ts';

/** Recorded completions of many servers; not part of the repository, so the test runs where they are at hand. */
const CORPUS = new URL('../../../shared/corpus/', import.meta.url);

/** The completions' own text: parsing and writing them again would hide what this test is for. */
function completionsOf(file: string): readonly string[] {
  return readFileSync(new URL(file, CORPUS), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => memberText(line, 'completion'));
}

test.runIf(existsSync(new URL('completions.jsonl', CORPUS)))(
  'every recorded completion loads, its text unchanged',
  async () => {
    const raws = completionsOf('completions.jsonl');
    const items = raws.map((raw) => observed(raw));
    const warehouse = await openTemporary();
    const runId = await startRun(warehouse);
    for (let at = 0; at < items.length; at += 1000) {
      await warehouse.load(batch(runId, { items: items.slice(at, at + 1000) }));
    }
    const known = new Set(raws);
    const held = await rows(
      warehouse,
      'select raw from main.completions union all select raw from sync.rejected',
    );
    expect(held.filter((row) => !known.has(String(row['raw'])))).toEqual([]);
    const distinct = new Set(
      items.filter(({ item }) => item.rejection === null).map(({ item }) => `${item.createdAt} ${item.id}`),
    );
    const rejected = new Set(items.filter(({ item }) => item.rejection !== null).map(({ item }) => item.raw));
    expect(held.length).toBe(distinct.size + rejected.size);
    expect(
      await value(warehouse, 'select count(*) from main.completions where left(sha256(raw), 16) <> raw_hash'),
    ).toBe(0n);
  },
);

test.runIf(existsSync(new URL('completions.jsonl', CORPUS)))(
  'the usage columns add up to what the recorded texts say',
  async () => {
    const items = completionsOf('completions.jsonl').map((raw) => observed(raw, 1));
    const newest = new Map(items.map((one) => [`${one.item.createdAt} ${one.item.id}`, one]));
    const warehouse = await openTemporary();
    const runId = await startRun(warehouse);
    await warehouse.load(batch(runId, { items: [...newest.values()] }));
    const [difference] = await rows(
      warehouse,
      `select count(*) filter (prompt_tokens is distinct from try_cast(raw::json->'usage'->>'prompt_tokens' as bigint)) as prompt,
              count(*) filter (completion_tokens is distinct from try_cast(raw::json->'usage'->>'completion_tokens' as bigint)) as completion,
              count(*) filter (seed::varchar is distinct from raw::json->>'seed') as seed
       from main.completions join main.completion_usage
       on completion_id = id and completion_usage.created_at = completions.created_at`,
    );
    expect(difference).toEqual({ prompt: 0n, completion: 0n, seed: 0n });
  },
);
