import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { unixSeconds } from '../../src/sync/ports.ts';
import {
  batch,
  completionId,
  observe,
  observed,
  open,
  rows,
  SOURCE,
  startRun,
  T0,
  temporaryWarehouse,
} from './support.ts';

const CANARY = 'canary sings';
const logprobs = { content: [{ token: CANARY, logprob: -1, bytes: [1], top_logprobs: [{ token: CANARY }] }] };

/** Everything the API may say, with the canary in every text that is prompt or answer, and in fields nobody knows. */
const talkative = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: T0,
  model: 'gpt-4.1',
  request_id: 'req_1',
  seed: 7,
  temperature: 0.5,
  service_tier: 'default',
  input_user: 'user-1',
  metadata: { team: 'blue team' },
  tool_choice: { type: 'function', function: { name: 'look_up' } },
  tools: [
    {
      type: 'function',
      function: {
        name: 'look_up',
        strict: true,
        description: CANARY,
        parameters: { type: 'object', properties: { a: { type: 'string', description: CANARY } } },
      },
    },
  ],
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'answer', description: CANARY, schema: { title: CANARY } },
  },
  input_messages: [{ role: 'user', content: CANARY }],
  prompt: CANARY,
  [CANARY]: 1,
  citations: [CANARY],
  prompt_filter_results: [{ text: CANARY }],
  moderation: {
    input: {
      type: 'moderation_results',
      model: 'omni',
      results: [
        {
          flagged: true,
          categories: { 'violence/graphic': true, [CANARY]: true },
          category_scores: { hate: 0.1 },
        },
      ],
    },
    output: { type: 'error', code: 'failed', message: CANARY },
  },
  usage: {
    prompt_tokens: 3,
    total_tokens: 3,
    prompt_tokens_details: { cached_tokens: 1, new_tokens: 2, note: CANARY },
    note: CANARY,
    [CANARY]: 3,
  },
  choices: [
    {
      index: 0,
      finish_reason: 'tool_calls',
      logprobs,
      thoughts: CANARY,
      message: {
        role: 'assistant',
        content: CANARY,
        refusal: CANARY,
        reasoning_content: CANARY,
        reasoning: CANARY,
        annotations: [{ type: 'url_citation', url_citation: { url: CANARY, title: CANARY } }],
        audio: { id: 'audio_1', data: CANARY, transcript: CANARY, expires_at: 1 },
        function_call: { name: 'look_up', arguments: CANARY },
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: CANARY } },
          { id: 'call_2', type: 'custom', custom: { name: CANARY, input: CANARY } },
        ],
        secret_scratchpad: { text: CANARY },
      },
    },
  ],
};

async function load(path: string, content: 'full' | 'none'): Promise<void> {
  const warehouse = await open(path, { content });
  const runId = await startRun(warehouse);
  const message = {
    role: 'user',
    content: CANARY,
    content_parts: [{ text: CANARY }],
    name: CANARY,
    id: 'm-0',
  };
  await warehouse.load(
    batch(runId, {
      items: [observe(talkative), observed(`{"id":"chatcmpl-2","created":"x","choices":"${CANARY}"}`)],
      messages: [
        {
          completionId: completionId('chatcmpl-1'),
          completionCreatedAt: unixSeconds(T0),
          index: 0,
          raw: JSON.stringify(message),
          body: message,
        },
      ],
    }),
  );
  await warehouse.close();
}

test('without content no prompt or answer text is in a byte of the file, and the numbers are', async () => {
  const path = await temporaryWarehouse();
  await load(path, 'none');
  expect(existsSync(`${path}.wal`)).toBe(false);
  const bytes = readFileSync(path);
  for (const part of [CANARY, 'canary', 'sings']) expect(bytes.includes(part), part).toBe(false);

  const warehouse = await open(path, { readOnly: true });
  // The bytes of a column may be compressed: so what they say is looked at too.
  const tables = await rows(warehouse, 'select schema_name, table_name from duckdb_tables()');
  for (const { schema_name, table_name } of tables) {
    const { rows: held } = await warehouse.query(`from ${String(schema_name)}.${String(table_name)}`);
    expect(
      held.flat().filter((cell) => /canary|sings/i.test(String(cell))),
      String(table_name),
    ).toEqual([]);
  }

  expect(
    await rows(warehouse, 'select raw::json as raw, seed, input_user, extra from main.completions'),
  ).toEqual([
    { raw: expect.stringContaining('"flagged":true'), seed: '7', input_user: 'user-1', extra: null },
  ]);
  expect(await rows(warehouse, 'select prompt_cached_tokens, usage from main.completion_usage')).toEqual([
    {
      prompt_cached_tokens: 1n,
      usage:
        '{"prompt_tokens":3,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":1,"new_tokens":2}}',
    },
  ]);
  expect(
    await rows(
      warehouse,
      'select tool_call_id, name, arguments from main.completion_tool_calls order by all',
    ),
  ).toEqual([
    { tool_call_id: 'call_1', name: 'look_up', arguments: null },
    { tool_call_id: 'call_2', name: null, arguments: null },
  ]);
  expect(await rows(warehouse, 'select key, value from main.completion_metadata')).toEqual([
    { key: 'team', value: 'blue team' },
  ]);
  const [rejected] = await warehouse.listRejected({ source: SOURCE, limit: 5 });
  expect(rejected).toMatchObject({
    id: 'chatcmpl-2',
    rawLength: 58,
    rawSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('with content the same texts are there: the test above can fail', async () => {
  const path = await temporaryWarehouse();
  await load(path, 'full');
  const warehouse = await open(path, { readOnly: true });
  expect(
    await rows(
      warehouse,
      'select content, raw = $$x$$ as same from main.completion_choices, main.completions',
    ),
  ).toEqual([{ content: CANARY, same: false }]);
  await warehouse.close();
  expect(readFileSync(path).includes('canary')).toBe(true);
});

test.each(['full', 'none'] as const)(
  'metadata keys with a backslash, a quote or a line break are kept as they are, content %s',
  async (content) => {
    const warehouse = await open(await temporaryWarehouse(), { content });
    const keys = ['\\', '"', '\n', 'a\\', 'a"'];
    const items = keys.map((key, place) =>
      observe({ ...talkative, id: `c${place}`, created: T0 + place, metadata: { [key]: 'x' } }),
    );
    await warehouse.load(batch(await startRun(warehouse), { items }));
    const held = await rows(warehouse, 'select key from main.completion_metadata order by completion_id');
    expect(held.map(({ key }) => key)).toEqual(keys);
    await warehouse.close();
  },
);
