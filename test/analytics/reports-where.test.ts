import { expect, test } from 'vitest';
import { choicesOf, conditionText, parseWhere, whereText } from '../../src/analytics/report-where.ts';
import { REPORTS } from '../../src/analytics/reports.ts';
import {
  COVERED,
  EU,
  type Fields,
  fixture,
  GPT5,
  GPT41,
  NOW,
  PRICES,
  PROD,
  publishedCopy,
  run,
  table,
} from './reports-support.ts';
import { load, type Made, openPriced } from './support.ts';

const isKey = (name: string): boolean => name === 'team';
const parsed = (text: string) => {
  const { field, operator, value } = parseWhere(text, isKey);
  return [field.kind === 'tag' ? ['tag', field.key] : field.name, operator, value];
};

test.each([
  ['team=search', [['tag', 'team'], '=', 'search']],
  ['metadata.team!=a=b', [['tag', 'team'], '!=', 'a=b']],
  [' model = gpt-4o ', ['model', '=', 'gpt-4o']],
  // A key that is called like a field, or has a sign in it.
  ['metadata.model=x', [['tag', 'model'], '=', 'x']],
  ['metadata."a=b"=c', [['tag', 'a=b'], '=', 'c']],
  ['metadata.a.b=c', [['tag', 'a.b'], '=', 'c']],
  // What lacks the key, and a value of that name.
  ['team=(untagged)', [['tag', 'team'], '=', null]],
  ['input_user!=(none)', ['input_user', '!=', null]],
  ['team="(untagged)"', [['tag', 'team'], '=', '(untagged)']],
  ['team=""', [['tag', 'team'], '=', '']],
  ['team=" a"', [['tag', 'team'], '=', ' a']],
])('--where %s', (text, condition) => expect(parsed(text)).toEqual(condition));

test.each([
  ['team', 'say FIELD=VALUE or FIELD!=VALUE'],
  ['model==x', 'say FIELD=VALUE or FIELD!=VALUE'],
  ['model=', 'names no value: say which model'],
  ['team=', "say 'metadata.team=(untagged)' for what lacks it"],
  ['team=(others)', 'is what --top leaves over'],
  [
    'modle=x',
    'it takes model, model_family, base_model, service_tier, source, finish_reason, input_user, metadata.KEY',
  ],
  ['modle=x', 'is model meant?'],
  ['day=2026-11-10', 'days: --since and --until'],
  ['metadata.=x', 'no such field or metadata key'],
  ['model=(untagged)', 'every completion has a model'],
])('--where %s is refused', (text, message) => expect(() => parseWhere(text, isKey)).toThrow(message));

test('fields alike are alternatives, and what is told of them may be given again', () => {
  const texts = ['team=x', 'model!=a', 'team=(untagged)', 'model!=b', 'metadata."k=1"=""', 'team=x'];
  const conditions = texts.map((text) => parseWhere(text, isKey));
  expect(whereText(conditions)).toBe(
    'metadata.team=x or (untagged) and model!=a nor b and metadata."k=1"=""',
  );
  for (const condition of conditions) {
    expect(parseWhere(conditionText(condition), () => false)).toEqual(condition);
  }
  expect(choicesOf(conditions).map(({ values }) => values)).toEqual([['x'], ['a', 'b'], ['']]);
});

test('cost of what a filter leaves, its shares and its whole, by hand', async () => {
  const warehouse = await fixture();
  const columns = ['group_name', 'completions', 'total_tokens', 'list_cost_usd', 'cost_share'];
  // Of x: a at 3.4 and h at 1 (gpt-4.1), c at 1 (gpt-5), f without a price.
  expect(await table(warehouse, 'cost', columns, { by: 'model', where: 'team=x' })).toEqual([
    [GPT41, 2, 1_600_000, 4.4, 0.814814815],
    [GPT5, 1, 1_100_000, 1, 0.185185185],
    ['llama-9', 1, 2_200, null, null],
  ]);
  const { completeness, where } = await run(warehouse, 'cost', { where: 'team=x' });
  expect(where.map(conditionText)).toEqual(['metadata.team=x']);
  expect(completeness).toMatchObject({
    completions: 4,
    completionsWithoutUsage: 0,
    totalTokens: 2_702_200,
    pricedTokenShare: 2_700_000 / 2_702_200,
    listCostUsd: '5.400000000000',
    coveredShare: 1,
  });
  const costs = async (...where: readonly string[]) =>
    (await table(warehouse, 'cost', ['group_name', 'list_cost_usd'], { by: 'source', where })).map(
      ([name, cost]) => [name, cost],
    );
  // Values of a field are alternatives, fields are not.
  expect(await costs('team=x', 'team=y')).toEqual([
    ['prod', 7.2],
    ['eu', 1],
  ]);
  expect(await costs('team=x', 'team=y', `model=${GPT5}`)).toEqual([['eu', 1]]);
  // What lacks the key is not x either: 2.8 of b, nothing of e and g, 3.5 of d.
  expect(await costs('team!=x')).toEqual([
    ['eu', 3.5],
    ['prod', 2.8],
  ]);
  expect(await costs('team=(untagged)')).toEqual([
    ['eu', 3.5],
    ['prod', null],
  ]);
  expect(await costs('team!=(untagged)', 'team!=x')).toEqual([['prod', 2.8]]);
  expect(await costs('metadata.env=dev', 'finish_reason=stop', 'service_tier=default')).toEqual([
    ['prod', 3.4],
  ]);
  expect(await costs('model_family=gpt-5', 'service_tier!=turbo')).toEqual([['eu', 4.5]]);
  expect(await costs("team=x' or true --")).toEqual([]);
  await expect(run(warehouse, 'cost', { where: 'nobody=x' })).rejects.toThrow(
    'no such field or metadata key',
  );
  expect(await costs('metadata.nobody=x')).toEqual([]);
});

test('a filter on the source is told of its coverage alone', async () => {
  const warehouse = await openPriced(PRICES);
  await load(warehouse, { source: 'prod', now: NOW, covered: COVERED, made: PROD });
  await load(warehouse, {
    source: 'eu',
    now: NOW,
    covered: [['2026-11-15T00:00:00Z', '2026-11-20T11:30:00Z']],
    made: EU,
  });
  const share = async (...where: readonly string[]) =>
    (await run(warehouse, 'cost', { since: '2026-11-10', until: '2026-11-20', where })).completeness
      .coveredShare;
  expect(await share()).toBe(0.75);
  expect(await share('source=prod')).toBe(1);
  expect(await share('source!=prod')).toBe(0.5);
  expect(await share('team=x', 'source=eu')).toBe(0.5);
});

test('the metadata key to group by is not one that is chosen by', async () => {
  const warehouse = await fixture();
  expect((await run(warehouse, 'top-spenders')).by).toEqual(['metadata.team']);
  expect((await run(warehouse, 'top-spenders', { where: 'team=x' })).by).toEqual(['metadata.env']);
  expect((await run(warehouse, 'top-spenders', { where: 'team!=x' })).by).toEqual(['metadata.team']);
  expect((await run(warehouse, 'cost', { by: ['metadata.team', 'metadata'] })).by).toEqual([
    'metadata.team',
    'metadata.env',
  ]);
});

/** The completions that a filter leaves, by hand. */
const FILTERS: readonly (readonly [where: readonly string[], keeps: (one: Made) => boolean])[] = [
  [['team!=x'], ({ tags }) => tags?.['team'] !== 'x'],
  [['team=(untagged)', `model=${GPT5}`], ({ tags, model }) => tags?.['team'] === undefined && model === GPT5],
  [['finish_reason=tool_calls', 'finish_reason=content_filter'], ({ id }) => 'bg'.includes(id)],
];

test.each(FILTERS)(
  'every report where %j is that of a warehouse with nothing else',
  async (where, keeps) => {
    const whole = await fixture();
    const part = await publishedCopy(PRICES, async (warehouse) => {
      await load(warehouse, { source: 'prod', now: NOW, covered: COVERED, made: PROD.filter(keeps) });
      await load(warehouse, { source: 'eu', now: NOW, covered: COVERED, made: EU.filter(keeps) });
    });
    for (const { name, takesWhere } of REPORTS) {
      const asked: Fields = {
        ...(['forecast', 'budget', 'budgets', 'budget-days', 'health'].includes(name)
          ? {}
          : { since: '2026-11-10' }),
        ...(['top-spenders', 'per-key'].includes(name) ? { by: 'metadata.team' } : {}),
      };
      if (!takesWhere) {
        await expect(run(whole, name, { where }), name).rejects.toThrow(
          `the report ${name} takes no --where`,
        );
        continue;
      }
      const [found, expected] = [await run(whole, name, { ...asked, where }), await run(part, name, asked)];
      expect(found.rows, name).toEqual(expected.rows);
      expect(found.completeness, name).toEqual(expected.completeness);
    }
  },
  120_000,
);
