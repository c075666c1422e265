/** Reports read a rollup where it knows all that is asked for, else completions one by one: neither may show. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReportRow } from '../../src/analytics/report-query.ts';
import { withRelations } from '../../src/analytics/report-relations.ts';
import { choicesOf, parseWhere } from '../../src/analytics/report-where.ts';
import { builtIn, REPORTS } from '../../src/analytics/reports.ts';
import { COVERED, GPT5, GPT41, NOW, PRICES, publishedCopy, run } from './reports-support.ts';
import { choice, listOf, load, type Made, price, usage } from './support.ts';

const call = (name: string) => ({ id: `c-${name}`, type: 'function', function: { name, arguments: '{}' } });

const made: fc.Arbitrary<Omit<Made, 'id'>> = fc.record({
  at: fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom('00:00:00', '10:59:59', '23:59:59'))
    .map(([day, time]) => `2026-11-${String(day).padStart(2, '0')}T${time}Z`),
  model: fc.constantFrom(GPT41, GPT5, 'half-priced', 'llama-9', null),
  tier: fc.constantFrom(null, 'default', 'flex', 'priority', 'scale'),
  usage: fc.constantFrom(
    null,
    usage(900_000, 100_000),
    usage(500_000, 30_000, { cached: 100_000, reasoning: 10_000 }),
    usage(70_000, 0, { cached: 0, reasoning: 0 }),
  ),
  tags: fc.dictionary(
    fc.constantFrom('team', 'env'),
    fc.constantFrom('x', 'y', '(untagged)', '(others)', ''),
  ),
  choices: fc.constantFrom(
    [choice('stop')],
    [choice('length'), choice('stop', { content: null, refusal: 'no' }, 1)],
    [choice('tool_calls', { tool_calls: [call('look_up'), call('look_up'), call('send')] })],
    [choice(null)],
  ),
});

/** Input of one model has a price, its output none. */
const HALF_PRICED = listOf(...(PRICES[0]?.rows ?? []), price({ model: 'half-priced' }));

const GROUPS = ['model', 'model_family', 'service_tier', 'source', 'metadata.team', 'day', 'week', 'hour'];
const isTime = (group: string): boolean => ['day', 'week', 'hour'].includes(group);

const FILTERS = ['team=x', 'team!=x', 'team=(untagged)', `model=${GPT5}`, 'service_tier!=flex', 'source=eu'];
/** It chooses all, and no rollup knows the field. */
const ROW_BY_ROW = 'input_user!=nobody';

const TAKING = REPORTS.filter((one) => one.takesWhere);

/**
 * What lacks a key is the whole less what has it, which cannot tell an unknown count from none. Sums of doubles differ in their last
 * digits, by the order they are made in.
 */
const known = (rows: readonly ReportRow[]): readonly object[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row)
        .map(
          ([name, value]) =>
            [name, typeof value === 'number' ? Number(value.toPrecision(9)) : value] as const,
        )
        .filter(([, value]) => value !== null && value !== 0n && value !== 0),
    ),
  );

test('a rollup and the completions one by one give the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(made, { minLength: 20, maxLength: 60 }),
      fc.subarray(GROUPS, { minLength: 2, maxLength: 2 }),
      fc.subarray(FILTERS, { maxLength: 2 }),
      fc.subarray(
        TAKING.map(({ name }) => name),
        { minLength: 4, maxLength: 4 },
      ),
      async (rows, groups, where, reports) => {
        const all = rows.map((row, place) => ({ ...row, id: `c${place}` }));
        const warehouse = await publishedCopy(HALF_PRICED, async (filled) => {
          await load(filled, { now: NOW, covered: COVERED, made: all.slice(0, 15) });
          await load(filled, { source: 'eu', now: NOW, covered: COVERED, made: all.slice(15) });
        });
        for (const { name, groupsMax, byOwn, takesTime } of reports.map(builtIn)) {
          const taken = groups.filter((group) => !byOwn.includes(group) && (takesTime || !isTime(group)));
          // A row has one time.
          const by = (taken.every(isTime) ? taken.slice(0, 1) : taken).slice(0, groupsMax);
          for (const fields of [{}, { by }]) {
            const about = `${name} ${JSON.stringify({ ...fields, where })}`;
            const found = await run(warehouse, name, { ...fields, where });
            const other = await run(warehouse, name, { ...fields, where: [...where, ROW_BY_ROW] });
            expect(known(found.rows), about).toEqual(known(other.rows));
            expect(found.completeness, about).toEqual(other.completeness);
          }
        }
      },
    ),
    // Smaller cases take minutes to find, and are no clearer.
    { numRuns: 6, endOnFailure: true },
  );
}, 180_000);

test('completions are read one by one only where no rollup will do', () => {
  const tablesOf = (report: string, by: readonly string[], where: readonly string[]) => {
    const sql = REPORTS.find(({ name }) => name === report)?.sql ?? '';
    const groups = by.map((key) => ({ kind: 'tag', key }) as const);
    const choices = choicesOf(where.map((text) => parseWhere(text, () => true)));
    return [
      ...new Set(
        [...withRelations(sql, { groups, where: choices }).sql.matchAll(/(?:from|join) marts\.(\w+)/g)].map(
          ([, name]) => name,
        ),
      ),
    ]
      .filter((name) => name !== 'as_of')
      .sort();
  };
  expect(tablesOf('cost', [], ['model=x', 'base_model=y'])).toEqual(['usage_hourly']);
  expect(tablesOf('cost', ['team'], [])).toEqual(['tagged_usage_daily', 'usage_hourly']);
  expect(tablesOf('cost', ['team'], ['team!=x', 'model=x'])).toEqual(['tagged_usage_daily', 'usage_hourly']);
  expect(tablesOf('cost', ['team'], ['env=x'])).toEqual(['completions']);
  expect(tablesOf('cost', [], ['finish_reason=stop'])).toEqual(['completions']);
  expect(tablesOf('finish-reasons', [], ['service_tier=flex'])).toEqual(['finish_reasons_daily']);
  expect(tablesOf('tools', [], ['source=eu'])).toEqual(['tool_usage_daily', 'usage_hourly']);
});
