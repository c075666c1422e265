/** What changed, what is repeated and what nobody owns: on rows whose answers are worked out by hand. */
import { expect, test } from 'vitest';
import { reportJson, reportText } from '../../src/cli/report-output.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import {
  COVERED,
  type Fields,
  fixture,
  GPT5,
  GPT41,
  NOW,
  ownFixture,
  PRICES,
  run,
  table,
} from './reports-support.ts';
import { choice, load, type Made, openPriced, usage } from './support.ts';

const answers = (...reasons: readonly (readonly [reason: string, count: number, message?: object])[]) =>
  reasons
    .flatMap(([reason, count, message]) => Array.from({ length: count }, () => ({ reason, message })))
    .map(({ reason, message }, index) => choice(reason, message, index));

const NEWER = 'gpt-4.1-2026-11-11';
const ANSWERS: readonly Made[] = [
  { id: 'f1', at: '2026-10-10T00:00:00Z', fingerprint: 'fp_a' },
  { id: 'f2', at: '2026-10-30T00:00:00Z', fingerprint: 'fp_a', choices: [choice('length')] },
  {
    id: 'b1',
    at: '2026-11-10T11:59:59Z',
    fingerprint: 'fp_a',
    choices: answers(['stop', 38], ['length', 2]),
  },
  {
    id: 'a1',
    at: '2026-11-10T12:00:00Z',
    fingerprint: 'fp_b',
    choices: answers(
      ['stop', 25],
      ['stop', 2, { content: null, refusal: 'no' }],
      ['length', 12],
      ['content_filter', 1],
    ),
  },
  { id: 'm1', at: '2026-11-11T00:00:00Z', model: NEWER },
  { id: 'f3', at: '2026-11-12T00:00:00Z', fingerprint: 'fp_a' },
].map((made) => ({ ...made, tags: { part: 'answers' } }));

const message = (content: string | null, more: object = {}) => ({
  id: `m-${Math.random()}`,
  role: 'user',
  content,
  ...more,
});
const SECRET = 'the prompt that nobody may see';
const prompt = () => [message('You are terse.', { role: 'system' }), message(SECRET)];
const inputMessages = [{ role: 'user', content: SECRET }];
const LONG_ID = `chatcmpl-${'x'.repeat(60)}`;

/** gpt-4.1 costs 4 and 8 here, until the 9th: 1,000 and 100 tokens are 0.0048, 2,000 and 100 are 0.0088. */
const PROMPTS: readonly Made[] = [
  { id: LONG_ID, at: '2026-11-05T10:00:00Z', messages: prompt(), inputMessages, usage: usage(1000, 100) },
  // Held in both forms they are one repeat.
  { id: 'd2', at: '2026-11-06T10:00:00Z', messages: prompt(), inputMessages, usage: usage(2000, 100) },
  // Another model, other messages, the same ones in another role: no repeat.
  { id: 'd3', at: '2026-11-06T11:00:00Z', messages: prompt(), model: 'llama-9', usage: usage(1000, 100) },
  { id: 'd4', at: '2026-11-06T12:00:00Z', messages: [...prompt(), message('and?')] },
  { id: 'd5', at: '2026-11-06T13:00:00Z', messages: [message('You are terse.'), message(SECRET)] },
  { id: 'd6', at: '2026-11-07T10:00:00Z', messages: prompt(), usage: usage(1000, 100), user: 'ann' },
  // Nothing is known of what was said.
  { id: 'd7', at: '2026-11-07T11:00:00Z', messages: [message(null)] },
  { id: 'd8', at: '2026-11-07T12:00:00Z', messages: [message(null)] },
  { id: 'd9', at: '2026-11-07T13:00:00Z' },
].map((made) => ({ ...made, tags: { part: 'prompts' } }));

async function madeOf(content: 'full' | 'none' = 'full'): Promise<WarehouseFile> {
  const made = await openPriced(PRICES, { content });
  await load(made, { now: NOW, covered: COVERED, made: [...ANSWERS, ...PROMPTS] });
  // The same prompt of another source: 0.0048.
  const again = { id: 'e1', at: '2026-11-08T10:00:00Z', usage: usage(1000, 100), tags: { part: 'prompts' } };
  await load(made, { source: 'eu', now: NOW, covered: COVERED, made: [{ ...again, messages: prompt() }] });
  return made;
}

const ofAnswers = (warehouse: WarehouseFile, name: string, columns: readonly string[], fields: Fields = {}) =>
  table(warehouse, name, columns, { where: 'part=answers', ...fields });

test('answers before and after a moment: shares of each reason, their change, and what may be chance', async () => {
  const warehouse = await madeOf();
  const columns = [
    'group_name',
    'outcome',
    'choices_before',
    'choice_share_before',
    'choices',
    'choice_share',
    'choice_share_change',
    'warning',
  ];
  const compare = Date.parse('2026-11-10T12:00:00Z') / 1_000;
  // 40 before and 41 after. 1.96 standard errors of a share of 14 in 81 are 0.165, of 66 in 81 0.169, of 1 and 2 in 81 0.048 and 0.068.
  const after = [
    [GPT41, 'stop', 38, 0.95, 28, 0.682926829, -0.267073171, null],
    [GPT41, 'length', 2, 0.05, 12, 0.292682927, 0.242682927, null],
    [GPT41, 'content_filter', 0, 0, 1, 0.024390244, 0.024390244, 'may be chance'],
    [GPT41, '(refused)', 0, 0, 2, 0.048780488, 0.048780488, 'may be chance'],
    [NEWER, 'stop', 0, null, 1, 1, null, null],
  ];
  expect(await ofAnswers(warehouse, 'before-after', columns, { compare, by: 'model' })).toEqual(after);
  // From the 25th of October on the one that was cut off on the 30th is there as well: 3 of 41.
  expect(
    (
      await ofAnswers(warehouse, 'before-after', columns, { compare, by: 'model', since: '2026-10-25' })
    ).slice(0, 2),
  ).toEqual([
    [GPT41, 'stop', 38, 0.926829268, 28, 0.682926829, -0.243902439, null],
    [GPT41, 'length', 3, 0.073170732, 12, 0.292682927, 0.219512195, null],
  ]);
  const result = await run(warehouse, 'before-after', { compare, where: 'part=answers' });
  expect(result.period).toMatchObject({ since: '2026-10-31', until: '2026-11-21' });
  const text = reportText(result, { isTty: false, color: false, width: null, metric: 'tokens' });
  expect(text).toContain(
    'Compared  2026-11-10 12:00Z to 2026-11-20 11:30Z with 2026-10-31 12:30Z to 2026-11-10 12:00Z (before)',
  );
  expect(text).toMatch(/^gpt-4\.1-2025-04-14 +length +2 +5\.0 % +12 +29\.3 % +\+24\.3 pp$/m);
  // Without a moment: the 30 whole days up to the 19th, so the 5th.
  const halves = await run(warehouse, 'before-after', { where: 'part=answers' });
  expect(halves.rows[0]).toMatchObject({
    earlier_since: '2026-10-21T00:00:00Z',
    later_since: '2026-11-05T00:00:00Z',
    later_until: '2026-11-20T00:00:00Z',
  });
  await expect(run(warehouse, 'before-after', { compare: Date.parse(NOW) / 1_000 })).rejects.toThrow(
    '--compare needs a moment',
  );
  await expect(run(warehouse, 'refusals', { compare })).rejects.toThrow('takes no --compare');
});

test('versions of a model: a new fingerprint, or dated model, stands beside what the base model did before it', async () => {
  const warehouse = await madeOf();
  const columns = [
    'model',
    'system_fingerprint',
    'first_at',
    'last_at',
    'choices',
    'choice_share',
    'truncation_rate_before',
    'truncation_rate',
    'content_filter_rate_before',
    'content_filter_rate',
    'refusal_rate_before',
    'refusal_rate',
    'seen',
  ];
  const [cut, filtered, refused] = [15, 1, 2].map((count) => Math.round((count / 82) * 1e9) / 1e9);
  const share = (count: number) => Math.round((count / 83) * 1e9) / 1e9;
  expect(await ofAnswers(warehouse, 'fingerprints', columns)).toEqual([
    // Before it 1 + 1 + 40 + 40 answers of gpt-4.1, of which 1 + 2 + 12 were cut off, 1 filtered, 2 refused.
    [
      NEWER,
      '(none)',
      '2026-11-11T00:00:00Z',
      '2026-11-11T00:00:00Z',
      1,
      share(1),
      cut,
      0,
      filtered,
      0,
      refused,
      0,
      'new',
    ],
    // 3 of the 42 before it; 12, 1 and 2 of its 40.
    [
      GPT41,
      'fp_b',
      '2026-11-10T12:00:00Z',
      '2026-11-10T12:00:00Z',
      40,
      share(40),
      0.071428571,
      0.3,
      0,
      0.025,
      0,
      0.05,
      'new',
    ],
    // First seen before the period; 3 of its 42 in it.
    [
      GPT41,
      'fp_a',
      '2026-10-10T00:00:00Z',
      '2026-11-12T00:00:00Z',
      42,
      share(42),
      null,
      0.071428571,
      null,
      0,
      null,
      0,
      null,
    ],
  ]);
});

test('prompts that were sent again, what the repeats cost, and how much of the period could be looked at', async () => {
  const warehouse = await madeOf();
  const columns = [
    'completion_id',
    'model',
    'completions',
    'repeats',
    'first_at',
    'last_at',
    'repeated_tokens',
    'repeated_list_cost_usd',
  ];
  // 0.0088 + 0.0048 + 0.0048 of two sources; 2,100 + 1,100 + 1,100 tokens.
  expect(await table(warehouse, 'duplicates', columns)).toEqual([
    [LONG_ID, GPT41, 4, 3, '2026-11-05T10:00:00Z', '2026-11-08T10:00:00Z', 4_300, 0.0184],
  ]);
  expect(await table(warehouse, 'duplicates', columns, { by: 'source' })).toEqual([
    [LONG_ID, GPT41, 3, 2, '2026-11-05T10:00:00Z', '2026-11-07T10:00:00Z', 3_200, 0.0136],
  ]);
  const result = await run(warehouse, 'duplicates', { where: 'part=prompts' });
  expect(result.lookedAt).toEqual({ completions: 7, ofCompletions: 10 });
  expect(reportJson(result)).toMatchObject({ looked_at: { completions: 7, of_completions: 10 } });
  const text = reportText(result, { isTty: true, color: false, width: 80, metric: 'tokens' });
  expect(text).toContain('Looked at 7 of 10 completions (70.0 %)');
  expect(text).toContain('--with-messages');
  // Whole, however narrow the terminal, beside what it is about.
  expect(text).toMatch(new RegExp(`${LONG_ID} │ +3 │ +\\$0\\.0184 │`));
  expect(text).toContain('`tokenhouse get COMPLETION`');
  expect(
    text +
      JSON.stringify(reportJson(result), (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
  ).not.toMatch(/terse|nobody may/);
  // Kept without content nothing can be said, least of all that all prompts are one.
  const without = await madeOf('none');
  expect(await run(without, 'duplicates', { where: 'part=prompts' })).toMatchObject({
    rows: [],
    lookedAt: { completions: 0, ofCompletions: 10 },
  });
});

test('the longest calls, by tokens, and the command that shows one', async () => {
  const house = await fixture();
  const columns = ['completion_id', 'total_tokens', 'list_cost_usd'];
  // Four have 1,100,000: the dearer first.
  expect(await table(house, 'longest-completions', columns)).toEqual([
    ['d', 1_100_000, 3.5],
    ['a', 1_100_000, 3.4],
    ['b', 1_100_000, 2.8],
    ['c', 1_100_000, 1],
    ['h', 500_000, 1],
    ['f', 2_200, null],
    ['e', 1_100, null],
  ]);
  expect(
    await table(house, 'longest-completions', ['group_name', ...columns], { by: 'model', top: 1 }),
  ).toEqual([
    [GPT41, 'a', 1_100_000, 3.4],
    [GPT5, 'd', 1_100_000, 3.5],
    ['llama-9', 'f', 2_200, null],
  ]);
  for (const name of ['longest-completions', 'top-completions']) {
    const text = reportText(await run(house, name), {
      isTty: false,
      color: false,
      width: null,
      metric: 'tokens',
    });
    expect(text.match(/`tokenhouse get .*/g), name).toEqual([
      '`tokenhouse get COMPLETION` shows the whole of one',
    ]);
  }
});

test('what lacks a tag, by key, as shares of the whole and of each model', async () => {
  const house = await fixture();
  const columns = [
    'key',
    'completions',
    'completion_share',
    'total_tokens',
    'token_share',
    'list_cost_usd',
    'cost_share',
  ];
  // Of 8 completions, 4,903,300 tokens and 11.7: d has no metadata, d and e no team, only a and e an env.
  expect(await table(house, 'untagged', columns)).toEqual([
    ['(any)', 1, 0.125, 1_100_000, 0.224338711, 3.5, 0.299145299],
    ['team', 2, 0.25, 1_101_100, 0.224563049, 3.5, 0.299145299],
    ['env', 6, 0.75, 3_802_200, 0.775436951, 8.3, 0.709401709],
  ]);
  const short = ['group_name', 'key', 'completions', 'total_tokens', 'list_cost_usd'];
  expect(await table(house, 'untagged', short, { by: 'model' })).toEqual([
    [GPT41, 'env', 3, 1_600_000, 3.8],
    [GPT5, '(any)', 1, 1_100_000, 3.5],
    [GPT5, 'team', 2, 1_101_100, 3.5],
    [GPT5, 'env', 2, 2_200_000, 4.5],
    ['llama-9', 'env', 1, 2_200, null],
  ]);
});

test('models, first and last seen, with their tiers; what is new in the period and what is not used in it', async () => {
  const columns = [
    'model',
    'first_date',
    'last_date',
    'use',
    'service_tiers',
    'completions',
    'total_tokens',
    'list_cost_usd',
  ];
  const house = await ownFixture();
  expect(await table(house, 'models', columns)).toEqual([
    [GPT41, '2026-11-09', '2026-11-20', 'in use', 'default', 4, 2_700_000, 7.2],
    [GPT5, '2026-11-10', '2026-11-11', 'in use', 'flex, priority, turbo', 3, 2_201_100, 4.5],
    ['llama-9', '2026-11-12', '2026-11-12', 'in use', 'default', 1, 2_200, null],
  ]);
  expect(await table(house, 'models', columns, { since: '2026-11-12' })).toEqual([
    [GPT41, '2026-11-09', '2026-11-20', 'in use', 'default', 2, 500_000, 1],
    ['llama-9', '2026-11-12', '2026-11-12', 'new', 'default', 1, 2_200, null],
    [GPT5, '2026-11-10', '2026-11-11', 'not used', 'flex, priority, turbo', 0, 0, null],
  ]);
  expect((await table(house, 'models', ['model'], { until: '2026-11-12' })).flat()).toEqual([GPT41, GPT5]);
});
